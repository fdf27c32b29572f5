/** Error of a request with a query parameter or a header that is not valid. */
export class InvalidParameterError extends Error {
  /** Name of the parameter or the header. */
  readonly parameter: string;

  /** @param expected - Expected value, for example `'must be a whole number from 1'`. */
  constructor(parameter: string, expected: string) {
    super(`${parameter} ${expected}`);
    this.parameter = parameter;
  }
}
