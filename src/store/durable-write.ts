import { from, type Observable, of } from 'rxjs';

/** Promise of every write that is durable when the call returns. */
const ALREADY_DURABLE: Promise<void> = Promise.resolve();

/** Returns the Promise of a write, from the result of an engine. */
export const durableWrite = (result: void | Promise<void>): Promise<void> => result ?? ALREADY_DURABLE;

/**
 * Emits once when a write is durable. If it was durable when the call returned, the emission is synchronous: in virtual
 * time, a Promise does not resolve.
 *
 * @param write - Promise that a store has returned.
 */
export const whenDurable = (write: Promise<void>): Observable<void> =>
  write === ALREADY_DURABLE ? of(undefined) : from(write);
