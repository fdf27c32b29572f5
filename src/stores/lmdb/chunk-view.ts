import { crc32 } from 'node:zlib';
import { OPERATIONS, type Operation } from '../../event/operation.ts';
import { LAYOUT } from './chunk-layout.ts';

/** A chunk whose head was found whole; records are told by their index, from 0. */
export interface ChunkView {
  /** How many records it has. */
  readonly count: number;
  /** The object types that occur in it. */
  readonly types: readonly string[];
  /** A record's operation. */
  operation(index: number): Operation;
  /** A record's object type, as an index into `types`. */
  type(index: number): number;
  /** A record's time, in milliseconds since 1970. */
  timestamp(index: number): number;
  /** How many bytes a record's payload has. */
  size(index: number): number;
  /** A record's payload, a view of the chunk's bytes; `undefined` if it is cut short or not what was written. */
  payload(index: number): Buffer | undefined;
}

function readTypes(chunk: Buffer): readonly string[] {
  const types: string[] = [];
  let at: number = LAYOUT.typesAt;
  for (let left = chunk.readUInt16LE(LAYOUT.typeCountAt); left > 0; left--) {
    const length = chunk.readUInt16LE(at);
    types.push(chunk.toString('utf8', at + 2, at + 2 + length));
    at += 2 + length;
  }
  return types;
}

/** What is wrong with the head of a chunk; `undefined` if nothing is. */
function headFault(chunk: Buffer): string | undefined {
  if (chunk.length < LAYOUT.typesAt) return `the record is cut short at ${chunk.length} bytes`;
  const version = chunk.readUInt8(0);
  if (version !== LAYOUT.version) return `the record is of version ${version}; this library reads version 1`;
  const headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
  if (headLength < LAYOUT.typesAt) return 'the length of its header makes no sense';
  if (headLength > chunk.length) return `the record is cut short at ${chunk.length} bytes`;
  const crc = crc32(chunk.subarray(LAYOUT.headLengthAt, headLength));
  return crc === chunk.readUInt32LE(LAYOUT.crcAt) ? undefined : 'the checksum of its header does not fit';
}

/** Opens a chunk, or tells what is wrong with it. */
export function viewChunk(chunk: Buffer): ChunkView | string {
  const fault = headFault(chunk);
  if (fault !== undefined) return fault;

  const headLength = chunk.readUInt32LE(LAYOUT.headLengthAt);
  const count = chunk.readUInt32LE(LAYOUT.countAt);
  const baseTime = chunk.readDoubleLE(LAYOUT.baseTimeAt);
  const entriesAt = headLength - count * LAYOUT.entryBytes;
  const entry = (index: number) => entriesAt + index * LAYOUT.entryBytes;
  const payloadEnd = (index: number) => (index < 0 ? 0 : chunk.readUInt32LE(entry(index) + 7));
  return {
    count,
    types: readTypes(chunk),
    operation: (index) => OPERATIONS[chunk.readUInt8(entry(index))] as Operation,
    type: (index) => chunk.readUInt16LE(entry(index) + 1),
    timestamp: (index) => baseTime + chunk.readUInt32LE(entry(index) + 3),
    size: (index) => payloadEnd(index) - payloadEnd(index - 1),
    payload(index) {
      const payload = chunk.subarray(headLength + payloadEnd(index - 1), headLength + payloadEnd(index));
      const whole = headLength + payloadEnd(index) <= chunk.length;
      return whole && crc32(payload) === chunk.readUInt32LE(entry(index) + 11) ? payload : undefined;
    },
  };
}
