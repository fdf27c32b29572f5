/** Error of a request that the inspector rejects. The response contains the error as a problem. */
export class RequestError extends Error {
  /** HTTP status code, from 400. */
  readonly status: number;
  /** Stable code of the problem, for example `'ERR_READ_ONLY'`. */
  readonly code: string;
  /** Additional headers of the response, for example `allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
