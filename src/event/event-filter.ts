import * as t from 'io-ts';
import { options } from '../validation/options.ts';
import { listOf, oneOf } from '../validation/types.ts';
import { OPERATIONS, type Operation } from './event.ts';

/** Object types and operations that an event must match. An empty or missing list matches every event. */
export interface EventFilter {
  /** Object types to match. */
  readonly objectTypes?: readonly string[];
  /** Operations to match. */
  readonly operations?: readonly Operation[];
}

/** Codec of an operation. */
export const OperationCodec = oneOf(`one of ${OPERATIONS.join(', ')}`, OPERATIONS);

/** Decodes a filter to a copy. */
export const EventFilterCodec = options("{ objectTypes: ['Job'], operations: ['CREATE'] }", {
  objectTypes: listOf(t.string, 'an array of strings'),
  operations: listOf(OperationCodec, 'an array of operations'),
});

const accepts = <V>(list: readonly V[] | undefined, value: V): boolean =>
  list === undefined || list.length === 0 || list.includes(value);

/** Returns whether an event with this operation and object type matches the filter. */
export const matches = (filter: EventFilter | undefined, operation: Operation, objectType: string): boolean =>
  filter === undefined || (accepts(filter.operations, operation) && accepts(filter.objectTypes, objectType));
