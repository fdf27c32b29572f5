import { isObservable, type ObservableInput } from 'rxjs';

/**
 * Whether RxJS would take a value for a stream.
 *
 * What a handler returns beside streams, say the length that `push` gives, means that it is done.
 */
export const isObservableInput = (value: unknown): value is ObservableInput<unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  return (
    isObservable(value) ||
    Symbol.iterator in value ||
    Symbol.asyncIterator in value ||
    ('then' in value && typeof value.then === 'function') ||
    ('getReader' in value && typeof value.getReader === 'function')
  );
};
