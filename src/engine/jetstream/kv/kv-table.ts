import { createHash } from 'node:crypto';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  type MsgRequest,
} from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { firstValueFrom } from 'rxjs';
import { Semaphore } from '../../../scheduling/semaphore.ts';
import type { SendRequest } from '../connection/request.ts';

/** Pattern of ids that need no encoding in a key. */
const PLAIN = /^[\w-]{1,64}$/;

/**
 * Returns the part of a key that represents an id: the id itself if it matches `PLAIN`, and otherwise `=` and its digest. A
 * plain id contains no `=`, so the parts of two ids are never equal.
 */
export const idToken = (id: string): string =>
  PLAIN.test(id) ? id : `=${createHash('sha256').update(id, 'utf16le').digest('hex')}`;

/** Value of a key in a bucket, with the revision. */
export interface KvValue {
  /** Value; `undefined` if the key has no value. */
  readonly value: Uint8Array | undefined;
  /** Revision of the key; 0 if the key was never written, or was deleted. */
  readonly revision: number;
}

/** Key of a bucket with its value. */
export interface KvRow {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
}

/** Internal error of the engine: a key does not have the expected revision. */
export class RevisionConflict extends Error {}

/** Key-value bucket with compare-and-set. Its functions fail with a `RevisionConflict` or a `StoreError`. */
export interface KvTable {
  /** Reads the value and the revision of a key from the leader of the bucket's stream, so that the newest write is seen. */
  get(key: string): Promise<KvValue>;
  /**
   * Writes a value if the key has the given revision.
   *
   * @returns The new revision.
   * @throws {@link RevisionConflict} if the key has another revision.
   */
  put(key: string, value: Uint8Array, revision: number): Promise<number>;
  /** Writes a value, even if another process has written the key since the last read. */
  set(key: string, value: Uint8Array): Promise<void>;
  /**
   * Deletes a key with its revision. No marker of the deletion remains, so a deleted key takes no space.
   *
   * @param revision - Highest revision to delete. A value that was written later remains. Without this parameter, any value
   *   is deleted.
   */
  delete(key: string, revision?: number): Promise<void>;
  /** Reads all rows under keys that begin with `prefix` and a dot, in the order of their revisions. */
  all(prefix: string): Promise<readonly KvRow[]>;
  /** Reads all keys that begin with `prefix` and a dot, for example `lease.`. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Returns the revision of the newest write to the bucket. */
  revision(): Promise<number>;
  /**
   * Reads the rows under keys that begin with `prefix` and a dot, if they were written after the revision `after`.
   *
   * @param limit - Maximum number of rows.
   * @returns The rows in the order of their revisions; `undefined` if there are more rows than `limit`.
   */
  changed(prefix: string, after: number, limit: number): Promise<readonly KvRow[] | undefined>;
}

/** Maximum number of values that one table reads at the same time. */
const MAX_READS = 256;

/** Header with the operation of a message of a bucket. The message of a value does not have this header. */
const OPERATION = 'KV-Operation';

const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

/**
 * Creates a table of a bucket. A request can be sent twice, after a lost connection. The second write of a `put` then fails
 * with a conflict, although the first write was stored.
 *
 * All reads ask the leader of the stream for single messages and use no consumer. A consumer could run on a server that has
 * not received the latest writes. A consumer would also announce a number of rows, and a reader would wait in vain for a row
 * that was deleted in the meantime.
 */
export function createKvTable(
  bucket: KV,
  { manager, name }: { readonly manager: JetStreamManager; readonly name: string },
  sendRequest: SendRequest,
): KvTable {
  const stream = `KV_${name}`;
  const subjects = `$KV.${name}.`;
  const reads = new Semaphore(MAX_READS);
  const request = <T>(send: () => Promise<T>) => sendRequest('the read failed', send);
  const read = <T>(send: () => Promise<T>) => firstValueFrom(request(send));
  const write = <T>(send: () => Promise<T>) =>
    firstValueFrom(sendRequest('the write failed, or its outcome is unknown', send));

  const keys = (prefix: string) =>
    read(async () => {
      const { state } = await manager.streams.info(stream, { subjects_filter: `${subjects}${prefix}.>` });
      return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subjects.length));
    });
  /** Reads one row; an empty list if the key has no value. */
  const readRow = async (key: string): Promise<readonly KvRow[]> => {
    const entry = await firstValueFrom(reads.limit(request(() => bucket.get(key))));
    return entry?.operation === 'PUT' ? [{ key, value: entry.value, revision: entry.revision }] : [];
  };
  /** Reads the first message from a revision on; `null` if there is no such message. */
  const readNext = (prefix: string, revision: number) =>
    read(() =>
      // The types of the NATS client accept `next_by_subj` only for direct reads, but the server accepts it here, too.
      manager.streams.getMessage(stream, {
        seq: revision,
        next_by_subj: `${subjects}${prefix}.>`,
      } as MsgRequest),
    );

  return {
    async get(key) {
      const entry = await read(() => bucket.get(key));
      if (entry === null) return { value: undefined, revision: 0 };
      return { value: entry.operation === 'PUT' ? entry.value : undefined, revision: entry.revision };
    },
    async put(key, value, revision) {
      try {
        return await write(() => bucket.put(key, value, { previousSeq: revision }));
      } catch (error) {
        throw isConflict((error as Error).cause) ? new RevisionConflict() : error;
      }
    },
    set: async (key, value) => void (await write(() => bucket.put(key, value))),
    async delete(key, revision) {
      const filter = `${subjects}${key}`;
      const range = revision === undefined ? { filter } : { filter, seq: revision + 1 };
      await write(() => manager.streams.purge(stream, range));
    },
    async all(prefix) {
      const rows = (await Promise.all((await keys(prefix)).map(readRow))).flat();
      return rows.sort((a, b) => a.revision - b.revision);
    },
    keys,
    revision: () => read(async () => (await bucket.status()).streamInfo.state.last_seq),
    async changed(prefix, after, limit) {
      const rows: KvRow[] = [];
      let message = await readNext(prefix, after + 1);
      for (; message !== null && rows.length < limit; message = await readNext(prefix, message.seq + 1)) {
        if (message.header.has(OPERATION)) continue;
        const key = message.subject.slice(subjects.length);
        rows.push({ key, value: message.data, revision: message.seq });
      }
      return message === null ? rows : undefined;
    },
  };
}
