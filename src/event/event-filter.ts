import * as t from 'io-ts';
import { options } from '../validation/options.ts';
import { listOf } from '../validation/types.ts';
import { OPERATIONS, type Operation } from './event.ts';

/** Which events to let through; an empty or missing list lets everything through. */
export interface EventFilter {
  /** Let through objects of these types only. */
  readonly objectTypes?: readonly string[];
  /** Let through these operations only. */
  readonly operations?: readonly Operation[];
}

const operation = t.keyof({ CREATE: null, UPDATE: null, DELETE: null }, `one of ${OPERATIONS.join(', ')}`);

/** Decodes a filter to a copy. */
export const EventFilterCodec = options("{ objectTypes: ['Job'], operations: ['CREATE'] }", {
  objectTypes: listOf(t.string, 'an array of strings'),
  operations: listOf(operation, 'an array of operations'),
});

const holds = <V>(list: readonly V[] | undefined, value: V): boolean =>
  list === undefined || list.length === 0 || list.includes(value);

/** Tells whether the filter lets an event through; only its header is looked at. */
export const matches = (filter: EventFilter | undefined, operation: Operation, objectType: string): boolean =>
  filter === undefined || (holds(filter.operations, operation) && holds(filter.objectTypes, objectType));
