import { crc32 } from 'node:zlib';
import { OPERATIONS } from '../../../event/event.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { CHUNK_BYTES, CHUNK_RECORDS, CHUNK_SPAN, CONTEXT_BIT, headChecksum, LAYOUT } from './chunk-format.ts';
import { contextBytes, encodeContextSection } from './encode-context.ts';

const COMMA = ','.charCodeAt(0);

/** Returns the index of each object type, in order of first occurrence. */
function typeTable(records: readonly StoredRecord[]): Map<string, number> {
  const table = new Map<string, number>();
  for (const { objectType } of records) {
    if (!table.has(objectType)) table.set(objectType, table.size);
  }
  return table;
}

function writeTypes(chunk: Buffer, names: readonly Buffer[], contextBit: number): number {
  let at = chunk.writeUInt16LE(names.length | contextBit, LAYOUT.typeCountAt);
  for (const name of names) {
    at = chunk.writeUInt16LE(name.length, at);
    at += name.copy(chunk, at);
  }
  return at;
}

/** Encodes contiguous records, at least one, as a chunk. */
export function encodeChunk(records: readonly StoredRecord[]): Buffer {
  const types = typeTable(records);
  const names = [...types.keys()].map((name) => Buffer.from(name, 'utf8'));
  const namesLength = names.reduce((sum, name) => sum + 2 + name.length, 0);
  const section = encodeContextSection(records);
  const entriesEnd = LAYOUT.typesAt + namesLength + records.length * LAYOUT.entryBytes;
  const headLength = entriesEnd + (section?.length ?? 0);
  const payloadLength = records.reduce((sum, { payload }) => sum + payload.length + 1, 0);
  const baseTime = (records[0] as StoredRecord).timestamp;

  const chunk = Buffer.allocUnsafe(headLength + payloadLength);
  chunk.writeUInt8(LAYOUT.version, 0);
  chunk.writeUInt32LE(headLength, LAYOUT.headLengthAt);
  chunk.writeUInt32LE(records.length, LAYOUT.countAt);
  chunk.writeDoubleLE(baseTime, LAYOUT.baseTimeAt);
  let at = writeTypes(chunk, names, section === undefined ? 0 : CONTEXT_BIT);
  let begin = 0;
  for (const { operation, objectType, timestamp, payload } of records) {
    const end = begin + payload.length;
    chunk.set(payload, headLength + begin);
    chunk.writeUInt8(COMMA, headLength + end);
    begin = end + 1;
    at = chunk.writeUInt8(OPERATIONS.indexOf(operation), at);
    at = chunk.writeUInt16LE(types.get(objectType) as number, at);
    at = chunk.writeUInt32LE(timestamp - baseTime, at);
    at = chunk.writeUInt32LE(end, at);
    at = chunk.writeUInt32LE(crc32(payload), at);
  }
  if (section !== undefined) chunk.set(section, entriesEnd);
  chunk.writeUInt32LE(crc32(chunk.subarray(headLength)), LAYOUT.payloadCrcAt);
  const { seqNum } = records.at(-1) as StoredRecord;
  chunk.writeUInt32LE(headChecksum(chunk, headLength, seqNum), LAYOUT.crcAt);
  return chunk;
}

/** Returns the size of the payload and the context of a record, in bytes. `CHUNK_BYTES` limits the sum for a chunk. */
export const recordBytes = (record: StoredRecord): number => record.payload.length + contextBytes(record);

/** Splits contiguous records into groups that each fit into a chunk. */
export function* chunksOf(records: readonly StoredRecord[]): Generator<readonly StoredRecord[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, record] of records.entries()) {
    const span = record.timestamp - (records[start] as StoredRecord).timestamp;
    const size = recordBytes(record);
    const full = index - start >= CHUNK_RECORDS || bytes + size > CHUNK_BYTES || span > CHUNK_SPAN;
    if (full && index > start) {
      yield records.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < records.length) yield records.slice(start);
}
