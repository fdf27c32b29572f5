import { crc32 } from 'node:zlib';
import { LAYOUT } from './chunk-layout.ts';

/**
 * Returns the checksum of the head of a chunk. It begins with the number of the last record instead of 0, so that a chunk
 * under the key of another one is found to be damaged; that takes no byte and no time.
 */
export const headChecksum = (chunk: Buffer, headLength: number, lastSeqNum: number): number =>
  crc32(chunk.subarray(LAYOUT.headLengthAt, headLength), (lastSeqNum ^ (lastSeqNum / 2 ** 32)) >>> 0);
