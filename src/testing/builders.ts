import * as t from 'io-ts';
import { type Event, InvalidOptionsError, Operation, type StoreEventRequest } from '../index.ts';
import { check } from '../validation/check.ts';
import { options } from '../validation/options.ts';

/** Values are not checked: a test may need a request that a store refuses. */
const requestParts = { operation: t.unknown, objectType: t.unknown, object: t.unknown };
const RequestParts = options("{ objectType: 'Job' }", requestParts);
const EventParts = options('{ seqNum: 3 }', { ...requestParts, seqNum: t.unknown, timestamp: t.unknown });

/** Returns the parts as they are, also those that are `undefined`, if their names are known. */
function withKnownNames<A, P>(codec: t.Type<A, unknown>, what: string, parts: P): P {
  check(codec, parts, (faults) => new InvalidOptionsError(`parts of ${what}`, faults));
  return parts;
}

/**
 * A request to store an event, with defaults for what a test does not care about.
 *
 * @param parts - What it does care about. Default: `CREATE`, a `'Thing'`, `{}`.
 * @throws InvalidOptionsError if one of them is not a part of a request.
 * @example
 * await store.storeEvent(request({ objectType: 'Job', object: { id: 'j1' } }));
 */
export const request = <T = unknown, K extends string = string>(
  parts: Partial<StoreEventRequest<T, K>> = {},
): StoreEventRequest<T, K> => ({
  operation: Operation.Create,
  objectType: 'Thing' as K,
  object: {} as T,
  ...withKnownNames(RequestParts, 'a request', parts),
});

/**
 * An event as a store would give it, for operators and handlers that are tested without a store.
 *
 * @param parts - What the test cares about. Default: event 1, `CREATE`, a `'Thing'`, `{}`, stored at the time 0.
 * @throws InvalidOptionsError if one of them is not a part of an event.
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
  ...withKnownNames(EventParts, 'an event', parts),
});
