import { isObservable, type ObservableInput, observable } from 'rxjs';

/** Names of methods, any one of which makes a value a stream. */
const METHODS = ['then', 'getReader', Symbol.iterator, Symbol.asyncIterator, observable] as const;

/**
 * Returns whether RxJS accepts a value as a stream.
 *
 * A handler that returns another value, for example the number that `push` returns, has succeeded.
 */
export const isObservableInput = (value: unknown): value is ObservableInput<unknown> => {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const methods = value as Readonly<Record<PropertyKey, unknown>>;
  return isObservable(value) || METHODS.some((name) => typeof methods[name] === 'function');
};
