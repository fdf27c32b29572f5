import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** Name of the sub-database with the ids of the events of all logs of an environment. */
export const IDS_BUCKET = 'rx-watcher/ids';

/** Rows by log and id. The value is the sequence number of the event, a double. */
export type IdDatabase = Database<Buffer, Buffer>;

export const openIds = (env: RootDatabase): IdDatabase =>
  env.openDB({ name: IDS_BUCKET, encoding: 'binary', keyEncoding: 'binary' });

/**
 * Size of the digest of the name of a log, in bytes. The key contains a digest because the name alone can have the maximum
 * length of a key.
 */
const DIGEST_BYTES = 16;

/** Maximum size of an id in UTF-8, in bytes. */
const MAX_ID_BYTES = 256;

/**
 * Index of the ids of the events of a log. `put` and `remove` must be called inside a write transaction or a conditional
 * write.
 */
export interface IdIndex {
  /** Returns the sequence number of the event with an id; `undefined` if no row exists. */
  seqNumOf(id: string): number | undefined;
  /** Writes the row of an event, and replaces an existing row of the same id. */
  put(id: string, seqNum: number): void;
  /** Deletes the row of an event. A row of the same id that belongs to another event remains. */
  remove(id: string, seqNum: number): void;
  /** Returns whether the log has no rows. A trim then need not search the events for ids. */
  isEmpty(): boolean;
}

/**
 * Creates the index of a log.
 *
 * @param eventsBucket - Name of the log. Each key begins with a digest of this name, which separates the rows of different
 *   logs.
 */
export function createIdIndex(ids: IdDatabase, eventsBucket: string): IdIndex {
  const digest = createHash('sha256').update(eventsBucket, 'utf8').digest().subarray(0, DIGEST_BYTES);
  // lmdb-js copies a key within the call, so one buffer is enough.
  const key = Buffer.alloc(DIGEST_BYTES + MAX_ID_BYTES);
  digest.copy(key);
  const keyOf = (id: string): Buffer => key.subarray(0, DIGEST_BYTES + key.write(id, DIGEST_BYTES, 'utf8'));
  const seqNumAt = (key: Buffer): number | undefined => ids.get(key)?.readDoubleLE(0);

  return {
    seqNumOf: (id) => seqNumAt(keyOf(id)),
    put(id, seqNum) {
      const value = Buffer.allocUnsafe(8);
      value.writeDoubleLE(seqNum, 0);
      void ids.put(keyOf(id), value);
    },
    remove(id, seqNum) {
      if (seqNumAt(keyOf(id)) === seqNum) void ids.remove(keyOf(id));
    },
    isEmpty() {
      for (const first of ids.getKeys({ start: digest, limit: 1 })) {
        return !first.subarray(0, DIGEST_BYTES).equals(digest);
      }
      return true;
    },
  };
}
