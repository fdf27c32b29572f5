import type { Database } from 'lmdb';
import type { StoredRecord } from '../../contract/record.ts';
import { readMetadata, writeMetadata } from '../tables/log-metadata.ts';
import { CHUNK_BYTES, CHUNK_RECORDS, CHUNK_SPAN } from './chunk-format.ts';
import { viewChunk, wholeRecord } from './chunk-view.ts';
import { encodeChunk, recordBytes } from './encode-chunk.ts';

/** Adjacent chunks that can be merged, because all their records fit into one chunk. */
interface Group {
  readonly keys: number[];
  readonly records: StoredRecord[];
  bytes: number;
}

/**
 * Returns the records of a chunk; `undefined` if the chunk or one of its records is damaged. A damaged chunk is not
 * compacted.
 */
function recordsOf(key: number, value: Buffer): StoredRecord[] | undefined {
  const view = viewChunk(value, key);
  if (typeof view === 'string') return undefined;
  const records: StoredRecord[] = [];
  for (let index = 0; index < view.count; index++) {
    const record = wholeRecord(view, index, key - view.count + 1 + index);
    if (record === undefined) return undefined;
    records.push(record);
  }
  return records;
}

/** Returns whether records continue a group without a gap between the numbers and within the limits of a chunk. */
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

/** Writes a group as one chunk, under the key of its last chunk. */
function merge(events: Database<Buffer, number>, { keys, records }: Group): void {
  if (keys.length < 2) return;
  for (const key of keys.slice(0, -1)) void events.remove(key);
  void events.put(keys.at(-1) as number, encodeChunk(records));
}

/**
 * Merges small adjacent chunks, from the compaction position on. Must be called inside a write transaction. Sequence
 * numbers, timestamps, contexts and payloads do not change. The last group is not merged, because later chunks may join it.
 *
 * @param maxRecords - Approximate maximum number of records to scan.
 * @returns Whether the compaction position has advanced. If so, another call may find more chunks to merge.
 */
export function compactChunks(events: Database<Buffer, number>, maxRecords: number): boolean {
  const metadata = readMetadata(events);
  const start = Math.max(metadata.compactionPosition, metadata.trimPosition);
  const closed: Group[] = [];
  let compactionPosition = start;
  let group: Group = { keys: [], records: [], bytes: 0 };

  const close = () => {
    closed.push(group);
    compactionPosition = group.keys.at(-1) ?? compactionPosition;
    group = { keys: [], records: [], bytes: 0 };
  };

  for (const { key, value } of events.getRange({ start: start + 1 })) {
    const records = recordsOf(key, value);
    const bytes = records?.reduce((sum, record) => sum + recordBytes(record), 0) ?? 0;
    if (records === undefined || !fits(group, records, bytes)) close();
    if (compactionPosition - start >= maxRecords) break;
    if (records === undefined) {
      compactionPosition = key;
    } else {
      group.keys.push(key);
      group.records.push(...records);
      group.bytes += bytes;
    }
  }
  if (compactionPosition === start) return false;
  for (const each of closed) merge(events, each);
  writeMetadata(events, { ...metadata, compactionPosition });
  return true;
}
