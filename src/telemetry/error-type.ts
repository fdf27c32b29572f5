/** Value of `error.type` for thrown values that are not instances of `Error`. */
const OTHER = '_OTHER';

/**
 * Returns the value of the attribute `error.type`: the name of the class of an error. The property `name` of an error is not
 * used, because an application can give this property any number of values, and each value would create a time series.
 */
export function errorTypeOf(error: unknown): string {
  try {
    return (error instanceof Error && error.constructor.name) || OTHER;
  } catch {
    return OTHER; // A thrown value can be a revoked Proxy.
  }
}
