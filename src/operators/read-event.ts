import { InvalidOptionsError } from '../errors.ts';
import { show, textOf } from '../validation/format-value.ts';

/**
 * Returns the result of `read` for a value that an operator received.
 *
 * @param operator - Name of the operator.
 * @throws {@link InvalidOptionsError} if the value is not an object, or cannot be read.
 */
export function readEvent<T, R>(operator: string, value: T, read: (value: T) => R): R {
  const invalid = (message: string) =>
    new InvalidOptionsError(`source of ${operator}`, [{ path: '', message }]);
  if (typeof value !== 'object' || value === null) {
    throw invalid(`each value must be an event; received ${show(value)}`);
  }
  try {
    return read(value);
  } catch (error) {
    throw invalid(`a value cannot be read: ${textOf(error)}`);
  }
}
