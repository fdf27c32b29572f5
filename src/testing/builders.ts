import * as t from 'io-ts';
import { type Event, InvalidOptionsError, Operation, type StoreEventRequest } from '../index.ts';
import { check } from '../validation/check.ts';
import { options } from '../validation/options.ts';

// Only names are checked. Any value is valid, because a test may need a request that a store rejects.
const requestProps = {
  operation: t.unknown,
  objectType: t.unknown,
  object: t.unknown,
  key: t.unknown,
  id: t.unknown,
  metadata: t.unknown,
};
const RequestPropsCodec = options("{ objectType: 'Job' }", requestProps);
const EventPropsCodec = options('{ seqNum: 3 }', {
  ...requestProps,
  seqNum: t.unknown,
  timestamp: t.unknown,
});

/**
 * Throws an `InvalidOptionsError` if a property has an unknown name. Otherwise returns the same properties, including
 * properties that are `undefined`.
 */
function checkNames<A, P>(codec: t.Type<A, unknown>, what: string, props: P): P {
  check(codec, props, (faults) => new InvalidOptionsError(`properties of ${what}`, faults));
  return props;
}

/**
 * Creates a request to store an event, with defaults for omitted properties.
 *
 * @param props - Properties that matter to the test. By default, `operation` is `'CREATE'`, `objectType` is `'Thing'` and
 *   `object` is `{}`.
 * @throws InvalidOptionsError if a property does not belong to a request.
 * @example
 * await store.storeEvent(request({ objectType: 'Job', object: { id: 'j1' } }));
 */
export const request = <T = unknown, K extends string = string>(
  props: Partial<StoreEventRequest<T, K>> = {},
): StoreEventRequest<T, K> => ({
  operation: Operation.Create,
  objectType: 'Thing' as K,
  object: {} as T,
  ...checkNames(RequestPropsCodec, 'a request', props),
});

/**
 * Creates an event as a store emits it, for tests of operators and handlers without a store.
 *
 * @param props - Properties that matter to the test. By default, `seqNum` is 1, `timestamp` is 1970-01-01, and the other
 *   properties have the defaults of {@link request}.
 * @throws InvalidOptionsError if a property does not belong to an event.
 * @example
 * cold('a-b|', { a: event({ seqNum: 1 }), b: event({ seqNum: 2, operation: 'DELETE' }) }).pipe(myOperator())
 */
export const event = <T = unknown, K extends string = string>(
  props: Partial<Event<T, K>> = {},
): Event<T, K> => ({
  seqNum: 1,
  operation: Operation.Create,
  objectType: 'Thing' as K,
  object: {} as T,
  timestamp: new Date(0),
  ...checkNames(EventPropsCodec, 'an event', props),
});
