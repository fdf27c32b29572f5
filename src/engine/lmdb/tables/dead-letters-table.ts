import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { DeadLetterCounts, DeadLetterRecord, NewDeadLetter } from '../../contract/dead-letter-table.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { ChunkRecord, viewChunk } from '../chunks/chunk-view.ts';
import { encodeChunk } from '../chunks/encode-chunk.ts';

/**
 * Size of the digest of a watcher id, in bytes. The key contains a digest because the id alone can have the maximum length
 * of a key.
 */
const DIGEST_BYTES = 32;

/** Size of a key, in bytes: the digest of the watcher id, and the sequence number of the event. */
const KEY_BYTES = DIGEST_BYTES + 8;

function keyOf(watcherId: string, seqNum: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  createHash('sha256').update(watcherId, 'utf16le').digest().copy(key);
  key.writeBigUInt64BE(BigInt(seqNum), DIGEST_BYTES);
  return key;
}

/** Returns the range of the keys of a watcher. */
const rangeOf = (watcherId: string) => ({
  start: keyOf(watcherId, 0),
  end: keyOf(watcherId, Number.MAX_SAFE_INTEGER),
});

/**
 * Encodes a dead letter: four bytes with the length of the details, the details, and a chunk with the copy of the event.
 * Without a copy, the chunk is empty.
 */
function encodeValue(details: string, chunk: Uint8Array): Buffer {
  const length = Buffer.byteLength(details);
  const value = Buffer.alloc(4 + length + chunk.length);
  value.writeUInt32LE(length, 0);
  value.write(details, 4, 'utf8');
  value.set(chunk, 4 + length);
  return value;
}

function chunkOf(value: Buffer): Buffer {
  return value.subarray(4 + value.readUInt32LE(0));
}

function decodeValue(seqNum: number, value: Buffer): DeadLetterRecord {
  const chunk = chunkOf(value);
  const details = value.toString('utf8', 4, value.length - chunk.length);
  const view = chunk.length === 0 ? 'the dead letter has no chunk' : viewChunk(chunk, seqNum);
  if (typeof view === 'string') return { seqNum, details };
  const record = new ChunkRecord(view, 0, seqNum);
  return { seqNum, details, record };
}

/** Table of the dead letters of all watchers, by watcher and sequence number. */
export interface LmdbDeadLettersTable {
  /**
   * Encodes a dead letter with a copy of `record`. Without a record, uses the copy in the stored dead letter, if there is
   * one.
   */
  encode(deadLetter: NewDeadLetter, record: StoredRecord | undefined): Buffer;
  /** Writes an encoded dead letter, and replaces an existing dead letter of the same event. */
  put(deadLetter: NewDeadLetter, value: Buffer): void;
  /**
   * Returns the dead letters of a watcher, in the order of their sequence numbers. Without an id, returns the dead letters
   * of all watchers.
   */
  read(watcherId: string | undefined): readonly DeadLetterRecord[];
  /** Returns the number of all dead letters, and the number of dead letters of each given watcher. Reads only keys. */
  count(watcherIds: readonly string[]): DeadLetterCounts;
  /** Deletes a dead letter. Resolves when the deletion is durable. */
  remove(watcherId: string, seqNum: number): Promise<boolean>;
}

/** Creates the table of dead letters on a sub-database. */
export const createDeadLettersTable = (table: Database<Buffer, Buffer>): LmdbDeadLettersTable => ({
  encode({ watcherId, seqNum, details }, record) {
    if (record !== undefined) return encodeValue(details, encodeChunk([record]));
    const stored = table.get(keyOf(watcherId, seqNum));
    return encodeValue(details, stored === undefined ? new Uint8Array() : chunkOf(stored));
  },
  put: ({ watcherId, seqNum }, value) => void table.put(keyOf(watcherId, seqNum), value),
  read: (watcherId) =>
    [...table.getRange(watcherId === undefined ? {} : rangeOf(watcherId))].map(({ key, value }) =>
      decodeValue(Number(key.readBigUInt64BE(DIGEST_BYTES)), value),
    ),
  count: (watcherIds) => ({
    total: table.getCount(),
    ofWatchers: watcherIds.map((watcherId) => table.getKeysCount(rangeOf(watcherId))),
  }),
  remove: (watcherId, seqNum) => table.remove(keyOf(watcherId, seqNum)),
});
