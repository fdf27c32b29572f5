import { crc32 } from 'node:zlib';

/**
 * How a chunk, the records of one commit up to a bound, lies in one value of LMDB. Its key is the number of its *last*
 * record, so that the latest number of a log is its last key, and the chunk that holds event n is the first at or
 * after n. Numbers are little-endian.
 *
 * | at | bytes | what |
 * | --- | --- | --- |
 * | 0 | 1 | version: 4 |
 * | 1 | 4 | CRC-32 of the head from byte 5 on, begun with the chunk's key: its lower 32 bits xor its higher ones |
 * | 5 | 4 | length of the head, in bytes |
 * | 9 | 4 | number of records |
 * | 13 | 8 | time of the first record: milliseconds since 1970, a double |
 * | 21 | 4 | CRC-32 of all that follows the head |
 * | 25 | 2 | number of object types, then for each: 2 bytes of length, and its name in UTF-8 |
 * | then | 15 each | a record: 1 operation (0 CREATE, 1 UPDATE, 2 DELETE), 2 object type (index), 4 milliseconds after the first record, 4 where its payload ends (from the end of the head), 4 CRC-32 of the payload |
 * | then | | the payloads, a comma behind each: so that those of neighbours, where they are JSON, can be parsed as one list |
 *
 * A filter looks at the head alone; a payload is touched only when its event is given. One checksum of all payloads is
 * computed faster than one of each; those of each tell, when it does not fit, which of them is damaged.
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

/** No chunk has more records than this. */
export const CHUNK_RECORDS = 1024;

/** No chunk of several records has more bytes of payload than this. */
export const CHUNK_BYTES = 64 * 1024;

/** No chunk spans more time than this, in milliseconds: what four bytes hold. */
export const CHUNK_SPAN = 0xffff_ffff;

/**
 * Returns the checksum of the head of a chunk. It begins with the number of the last record instead of 0, so that a chunk
 * under the key of another one is found to be damaged; that takes no byte and no time.
 */
export const headChecksum = (chunk: Buffer, headLength: number, lastSeqNum: number): number =>
  crc32(chunk.subarray(LAYOUT.headLengthAt, headLength), (lastSeqNum ^ (lastSeqNum / 2 ** 32)) >>> 0);
