import type { Database } from 'lmdb';
import type { StoredRecord } from '../../contract/record.ts';
import { readMetadata, writeMetadata } from '../tables/log-metadata.ts';
import { CHUNK_BYTES, CHUNK_RECORDS, CHUNK_SPAN } from './chunk-format.ts';
import { viewChunk } from './chunk-view.ts';
import { encodeChunk } from './encode-chunk.ts';

/** Neighbouring chunks that fit into one. */
interface Group {
  readonly keys: number[];
  readonly records: StoredRecord[];
  bytes: number;
}

/** The records of a whole chunk; `undefined` if any of it is damaged, for then it stays as it is. */
function recordsOf(key: number, value: Buffer): StoredRecord[] | undefined {
  const view = viewChunk(value, key);
  if (typeof view === 'string') return undefined;
  const records: StoredRecord[] = [];
  for (let index = 0; index < view.count; index++) {
    const payload = view.payload(index);
    if (payload === undefined) return undefined;
    records.push({
      seqNum: key - view.count + 1 + index,
      operation: view.operation(index),
      objectType: view.objectType(index),
      timestamp: view.timestamp(index),
      payload,
    });
  }
  return records;
}

/** Whether records continue a group, without a hole between the numbers, and within the bounds of a chunk. */
const fits = (group: Group, records: readonly StoredRecord[], bytes: number): boolean => {
  const [first] = group.records;
  const end = group.keys.at(-1);
  if (end !== undefined && records[0]?.seqNum !== end + 1) return false;
  const span = first === undefined ? 0 : (records.at(-1) as StoredRecord).timestamp - first.timestamp;
  return (
    group.records.length + records.length <= CHUNK_RECORDS &&
    group.bytes + bytes <= CHUNK_BYTES &&
    span <= CHUNK_SPAN
  );
};

/** Writes a group as one chunk, under the key of its last. */
function merge(events: Database<Buffer, number>, { keys, records }: Group): void {
  if (keys.length < 2) return;
  for (const key of keys.slice(0, -1)) void events.remove(key);
  void events.put(keys.at(-1) as number, encodeChunk(records));
}

/**
 * Puts small neighbouring chunks together, from where it left off, inside a write transaction: numbers, times and
 * payloads stay what they are. The last group is left alone while more may come to join it.
 *
 * @param maxRecords - How many records to look at, about.
 * @returns Whether there may be more to do.
 */
export function compactChunks(events: Database<Buffer, number>, maxRecords: number): boolean {
  const mark = readMetadata(events);
  const start = Math.max(mark.packedThrough, mark.trimmedThrough);
  const whole: Group[] = [];
  let packedThrough = start;
  let group: Group = { keys: [], records: [], bytes: 0 };

  const close = () => {
    whole.push(group);
    packedThrough = group.keys.at(-1) ?? packedThrough;
    group = { keys: [], records: [], bytes: 0 };
  };

  for (const { key, value } of events.getRange({ start: start + 1 })) {
    const records = recordsOf(key, value);
    const bytes = records?.reduce((sum, { payload }) => sum + payload.length, 0) ?? 0;
    if (records === undefined || !fits(group, records, bytes)) close();
    if (packedThrough - start >= maxRecords) break;
    if (records === undefined) {
      packedThrough = key;
    } else {
      group.keys.push(key);
      group.records.push(...records);
      group.bytes += bytes;
    }
  }
  if (packedThrough === start) return false;
  for (const closed of whole) merge(events, closed);
  writeMetadata(events, { ...mark, packedThrough });
  return true;
}
