/** Error of a request that the inspector rejects. The response contains the error as a problem. */
export class RequestError extends Error {
  /** Status of HTTP, from 400. */
  readonly status: number;
  /** Code of the problem. */
  readonly code: string;
  /** Headers of the response. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
