/** Request that the inspector rejects. It becomes a response with a problem. */
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
