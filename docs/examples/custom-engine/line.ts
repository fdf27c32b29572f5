import { type EventFilter, type NewRecord, partitionOf, type StoredRecord } from 'rx-watcher';

/** A record as JSON, with its payload in base64. */
export interface Line extends Omit<StoredRecord, 'payload'> {
  readonly base64: string;
}

export function toLine({ payload, ...header }: NewRecord, seqNum: number, timestamp: number): Line {
  return { ...header, seqNum, timestamp, base64: Buffer.from(payload).toString('base64') };
}

export function toRecord({ base64, ...header }: Line): StoredRecord {
  Object.freeze(header.metadata); // all readers of the record share this object
  return { ...header, payload: Buffer.from(base64, 'base64') };
}

/** Returns whether a list contains a value. An empty list matches every value. */
const accepts = <V>(list: readonly V[] = [], value: V | undefined): boolean =>
  list.length === 0 || (value !== undefined && list.includes(value));

/** Returns whether a filter matches the header of a line. */
export const matches = (
  { objectTypes, operations, keys, partition }: EventFilter = {},
  { objectType, operation, key }: Line,
): boolean =>
  accepts(objectTypes, objectType) &&
  accepts(operations, operation) &&
  accepts(keys, key) &&
  (partition === undefined || partitionOf(key ?? '', partition.count) === partition.index);
