import { InvalidOptionsError } from '../errors.ts';
import { show } from '../validation/format-value.ts';

function hasMethods(store: unknown, methods: readonly string[]): boolean {
  try {
    const given = store as Readonly<Record<string, unknown>>;
    return (
      typeof store === 'object' &&
      store !== null &&
      methods.every((name) => typeof given[name] === 'function')
    );
  } catch {
    return false; // The value can be a Proxy that throws or is revoked.
  }
}

/**
 * Checks that an argument is a store. For a Promise, the message of the error advises to await it.
 *
 * @param path - Name of the argument, and path of the fault in the error.
 * @param methods - Methods that the store must have.
 * @throws {@link InvalidOptionsError} if a method is missing.
 */
export function requireStore(path: string, store: unknown, ...methods: readonly string[]): void {
  if (hasMethods(store, methods)) return;
  const received = show(store);
  const advice = received === 'a Promise' ? ': await it first' : '';
  throw new InvalidOptionsError('arguments', [
    { path, message: `must be a store; received ${received}${advice}` },
  ]);
}
