import { crc32 } from 'node:zlib';

/**
 * Layout of a chunk: one LMDB value with several successive records. Numbers are little-endian.
 *
 * The key of a chunk is the sequence number of its *last* record. The last key of a log is therefore its latest sequence
 * number, and event n is in the chunk with the lowest key that is at least n.
 *
 * | at | bytes | content |
 * | --- | --- | --- |
 * | 0 | 1 | version: 4 |
 * | 1 | 4 | CRC-32 of the head from byte 5 on, with the key as initial value: its lower 32 bits xor its higher ones |
 * | 5 | 4 | length of the head, in bytes |
 * | 9 | 4 | number of records |
 * | 13 | 8 | timestamp of the first record, in milliseconds since 1970, a double |
 * | 21 | 4 | CRC-32 of all bytes after the head |
 * | 25 | 2 | number of object types, then for each: 2 bytes of length, and the name in UTF-8. The highest bit of the number is set if there is a context section |
 * | then | 15 each | records; `docs/lmdb-file-format.md` describes their fields |
 * | then | | context section: keys, ids and metadata of the records that have any, see `ContextSection` |
 * | then | | the payloads, each followed by a comma, so that successive JSON payloads can be parsed as one list |
 *
 * A filter reads only the head; a payload is read only when its event is delivered. Computing one checksum of all payloads
 * is faster than computing one per payload. If the checksum of all payloads does not match, the checksums per payload show
 * which payloads are damaged.
 */
export const LAYOUT = {
  version: 4,
  crcAt: 1,
  headLengthAt: 5,
  countAt: 9,
  baseTimeAt: 13,
  payloadCrcAt: 21,
  typeCountAt: 25,
  typesAt: 27,
  entryBytes: 15,
} as const;

/** Bit in the number of object types; set if the chunk has a context section. */
export const CONTEXT_BIT = 0x8000;

/** Layout of the context section of a chunk. Numbers are little-endian. */
export const CONTEXT_LAYOUT = {
  /** Size of the number of rows, in bytes. */
  countBytes: 2,
  /** Bit in the number of rows; set if a record of the chunk has an id. */
  idsBit: 0x8000,
  /** Size of a row, in bytes: index of the record (2), CRC-32 of its key (4), end of its fields (4). */
  rowBytes: 10,
  /** Bits of the byte before the fields of a record, one for each field that the record has. */
  key: 1,
  id: 2,
  metadata: 4,
} as const;

/** Maximum number of records of a chunk. */
export const CHUNK_RECORDS = 1024;

/**
 * Maximum size of the payloads and contexts of a chunk of several records, in bytes. A single record can be larger.
 */
export const CHUNK_BYTES = 64 * 1024;

/**
 * Maximum time between the first and the last record of a chunk, in milliseconds. A record stores its time after the first
 * record in four bytes.
 */
export const CHUNK_SPAN = 0xffff_ffff;

/**
 * Returns the checksum of the head of a chunk. The checksum does not start with 0, but with the sequence number of the last
 * record, reduced to 32 bits. A chunk that is stored under the key of another chunk is thus detected as damaged, without
 * additional bytes or time.
 */
export const headChecksum = (chunk: Buffer, headLength: number, lastSeqNum: number): number =>
  crc32(chunk.subarray(LAYOUT.headLengthAt, headLength), (lastSeqNum ^ (lastSeqNum / 2 ** 32)) >>> 0);
