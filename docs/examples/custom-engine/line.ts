import type { EventFilter, NewRecord, StoredRecord } from 'rx-watcher';

/** A record as JSON: its object, which is bytes, as text. */
export interface Line extends Omit<StoredRecord, 'payload'> {
  readonly base64: string;
}

export function toLine({ payload, ...header }: NewRecord, seqNum: number, timestamp: number): Line {
  return { ...header, seqNum, timestamp, base64: Buffer.from(payload).toString('base64') };
}

export function toRecord({ base64, ...header }: Line): StoredRecord {
  return { ...header, payload: Buffer.from(base64, 'base64') };
}

const holds = <V>(list: readonly V[] = [], value: V): boolean => list.length === 0 || list.includes(value);

/** Whether a filter lets a line through: by its header alone. */
export const passes = (filter: EventFilter = {}, { objectType, operation }: Line): boolean =>
  holds(filter.objectTypes, objectType) && holds(filter.operations, operation);
