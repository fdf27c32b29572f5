import { type Event, Operation, type StoreEventRequest } from '../index.ts';

/**
 * A request to store an event, with defaults for what a test does not care about.
 *
 * @param parts - What it does care about. Default: `CREATE`, a `'Thing'`, `{}`.
 * @example
 * await store.storeEvent(request({ objectType: 'Job', object: { id: 'j1' } }));
 */
export const request = <T = unknown, K extends string = string>(
  parts: Partial<StoreEventRequest<T, K>> = {},
): StoreEventRequest<T, K> => ({
  operation: Operation.Create,
  objectType: 'Thing' as K,
  object: {} as T,
  ...parts,
});

/**
 * An event as a store would give it, for operators and handlers that are tested without a store.
 *
 * @param parts - What the test cares about. Default: event 1, `CREATE`, a `'Thing'`, `{}`, stored at the time 0.
 * @example
 * cold('a-b|', { a: event({ seqNum: 1 }), b: event({ seqNum: 2, operation: 'DELETE' }) }).pipe(myOperator())
 */
export const event = <T = unknown, K extends string = string>(
  parts: Partial<Event<T, K>> = {},
): Event<T, K> => ({
  seqNum: 1,
  operation: Operation.Create,
  objectType: 'Thing' as K,
  object: {} as T,
  timestamp: new Date(0),
  ...parts,
});
