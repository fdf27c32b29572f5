import { isObservable, type ObservableInput, observable } from 'rxjs';

/** What makes a value a stream: any one of these, as a function. */
const METHODS = ['then', 'getReader', Symbol.iterator, Symbol.asyncIterator, observable] as const;

/**
 * Whether RxJS would take a value for a stream.
 *
 * What a handler returns beside streams, say the length that `push` gives, means that it is done.
 */
export const isObservableInput = (value: unknown): value is ObservableInput<unknown> => {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const methods = value as Readonly<Record<PropertyKey, unknown>>;
  return isObservable(value) || METHODS.some((name) => typeof methods[name] === 'function');
};
