import { from, type Observable, of } from 'rxjs';

/** Promise for every write that is durable when the call returns. `whenDurable` recognizes it by identity. */
const ALREADY_DURABLE: Promise<void> = Promise.resolve();

/**
 * Returns the Promise of an engine's write. If the result is `undefined`, the write is already durable, and the Promise is
 * `ALREADY_DURABLE`.
 */
export const durableWrite = <T>(result: T | Promise<T>): Promise<T> =>
  result === undefined ? (ALREADY_DURABLE as Promise<T>) : Promise.resolve(result);

/**
 * Emits once when a write is durable. If the write was already durable when the call returned, emits synchronously. This
 * also works in virtual time, in which no Promise resolves.
 *
 * @param write - Promise that a store has returned.
 */
export const whenDurable = (write: Promise<void>): Observable<void> =>
  write === ALREADY_DURABLE ? of(undefined) : from(write);
