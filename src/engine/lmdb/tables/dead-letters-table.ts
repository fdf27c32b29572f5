import { createHash } from 'node:crypto';
import type { Database } from 'lmdb';
import type { DeadLetterRecord, NewDeadLetter } from '../../contract/dead-letter-table.ts';
import type { StoredRecord } from '../../contract/record.ts';
import { ChunkRecord, viewChunk } from '../chunks/chunk-view.ts';
import { encodeChunk } from '../chunks/encode-chunk.ts';

/** The key of a letter: a digest of the watcher's id, which may take all the room of a key, and the event's number. */
const DIGEST_BYTES = 32;
const KEY_BYTES = DIGEST_BYTES + 8;

function letterKey(watcherId: string, seqNum: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  createHash('sha256').update(watcherId, 'utf16le').digest().copy(key);
  key.writeBigUInt64BE(BigInt(seqNum), DIGEST_BYTES);
  return key;
}

/** The value of a letter: four bytes of length, the details, and a chunk of the one record, if there is one. */
function encodeLetter(details: string, chunk: Uint8Array): Buffer {
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

function decodeLetter(seqNum: number, value: Buffer): DeadLetterRecord {
  const chunk = chunkOf(value);
  const details = value.toString('utf8', 4, value.length - chunk.length);
  const view = chunk.length === 0 ? 'there is none' : viewChunk(chunk, seqNum);
  if (typeof view === 'string') return { seqNum, details };
  const record = new ChunkRecord(view, 0, seqNum);
  return { seqNum, details, record };
}

/** The table of dead letters. */
export interface LmdbDeadLettersTable {
  /** Returns the value of a letter with this record; without one, with that of the letter which is there. */
  encode(letter: NewDeadLetter, record: StoredRecord | undefined): Buffer;
  /** Writes a letter. */
  put(letter: NewDeadLetter, value: Buffer): void;
  /** The letters of a watcher, in order of their numbers. */
  of(watcherId: string): readonly DeadLetterRecord[];
  /** Removes a letter; resolves when that is durable. */
  remove(watcherId: string, seqNum: number): Promise<boolean>;
}

/** Opens the table of dead letters in a sub-database. */
export const createDeadLettersTable = (letters: Database<Buffer, Buffer>): LmdbDeadLettersTable => ({
  encode({ watcherId, seqNum, details }, record) {
    const present = record === undefined ? letters.get(letterKey(watcherId, seqNum)) : undefined;
    const kept = present === undefined ? new Uint8Array() : chunkOf(present);
    return encodeLetter(details, record === undefined ? kept : encodeChunk([record]));
  },
  put: ({ watcherId, seqNum }, value) => void letters.put(letterKey(watcherId, seqNum), value),
  of: (watcherId) =>
    [
      ...letters.getRange({
        start: letterKey(watcherId, 0),
        end: letterKey(watcherId, Number.MAX_SAFE_INTEGER),
      }),
    ].map(({ key, value }) => decodeLetter(Number(key.readBigUInt64BE(DIGEST_BYTES)), value)),
  remove: (watcherId, seqNum) => letters.remove(letterKey(watcherId, seqNum)),
});
