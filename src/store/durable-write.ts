import { from, type Observable, of } from 'rxjs';

/** Promise of every write that is durable when the call returns. */
const ALREADY_DURABLE: Promise<void> = Promise.resolve();

/** Returns the Promise of a write, from the result of an engine: a Promise, or the value of a write that is durable. */
export const durableWrite = <T>(result: T | Promise<T>): Promise<T> =>
  result === undefined ? (ALREADY_DURABLE as Promise<T>) : Promise.resolve(result);

/**
 * Emits once when a write is durable. If it was durable when the call returned, the emission is synchronous: in virtual
 * time, a Promise does not resolve.
 *
 * @param write - Promise that a store has returned.
 */
export const whenDurable = (write: Promise<void>): Observable<void> =>
  write === ALREADY_DURABLE ? of(undefined) : from(write);
