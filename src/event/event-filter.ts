import * as t from 'io-ts';
import { options } from '../validation/options.ts';
import { listOf, oneOf, wholeFrom } from '../validation/types.ts';
import { OPERATIONS, type Operation } from './event.ts';
import { eventKey } from './event-context.ts';
import { uncheckedPartitionOf } from './partition-of.ts';

/** Conditions for events. An event must match all of them. An empty list, or a missing condition, matches every event. */
export interface EventFilter {
  /** Object types to match. */
  readonly objectTypes?: readonly string[];
  /** Operations to match. */
  readonly operations?: readonly Operation[];
  /** Keys to match. An event without a key matches no key. */
  readonly keys?: readonly string[];
  /** Partition to match: `index`, from 0 to `count - 1`, must be `partitionOf(event.key ?? '', count)`. */
  readonly partition?: { readonly index: number; readonly count: number };
}

export const OperationCodec = oneOf(`one of ${OPERATIONS.join(', ')}`, OPERATIONS);

const isWithin = (index: unknown, count: unknown): boolean =>
  !wholeFrom(0).is(index) || !wholeFrom(1).is(count) || index < count;

const PartitionCodec = options(
  '{ index: 0, count: 16 }',
  {},
  { index: wholeFrom(0), count: wholeFrom(1) },
  ({ index, count }) =>
    isWithin(index, count)
      ? []
      : [{ path: 'index', message: `must be below the count, ${count}; received ${index}` }],
);

/** Validates a filter and decodes it to a copy. */
export const EventFilterCodec = options("{ objectTypes: ['Job'], operations: ['CREATE'] }", {
  objectTypes: listOf(t.string, 'an array of strings'),
  operations: listOf(OperationCodec, 'an array of operations'),
  keys: listOf(eventKey, 'an array of keys'),
  partition: PartitionCodec,
});

const accepts = <V>(list: readonly V[] | undefined, value: V): boolean =>
  list === undefined || list.length === 0 || list.includes(value);

const acceptsKey = ({ keys = [], partition }: EventFilter, key: string | undefined): boolean =>
  (keys.length === 0 || (key !== undefined && keys.includes(key))) &&
  (partition === undefined || uncheckedPartitionOf(key, partition.count) === partition.index);

/** Returns whether an operation and an object type match the filter. Ignores the keys and the partition of the filter. */
export const matchesKind = (filter: EventFilter, operation: Operation, objectType: string): boolean =>
  accepts(filter.operations, operation) && accepts(filter.objectTypes, objectType);

/** Returns whether all conditions of the filter hold, including keys and partition. Without a filter, every event matches. */
export const matches = (
  filter: EventFilter | undefined,
  operation: Operation,
  objectType: string,
  key: string | undefined,
): boolean => filter === undefined || (matchesKind(filter, operation, objectType) && acceptsKey(filter, key));
