import { createHash } from 'node:crypto';
import { JetStreamApiCodes, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import { firstValueFrom } from 'rxjs';
import type { SendRequest } from '../connection/request.ts';

/** Pattern of ids that need no encoding in a key. */
const PLAIN = /^[\w-]{1,64}$/;

/**
 * Returns the token of an id in a key: the id, or `=` and a digest. The two forms cannot be equal, because an id that is
 * not encoded has no `=`.
 */
export const idToken = (id: string): string =>
  PLAIN.test(id) ? id : `=${createHash('sha256').update(id, 'utf16le').digest('hex')}`;

/** Value of a key in a bucket. A deleted value also has a revision. */
export interface KvValue {
  /** Value; `undefined` if there is none. */
  readonly value: Uint8Array | undefined;
  /** Revision of the key; 0 if it was never written. */
  readonly revision: number;
}

/** Key of a bucket with its value. */
export interface KvRow {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the key. */
  readonly revision: number;
}

/** Internal error of the engine: a key does not have the expected revision. */
export class RevisionConflict extends Error {}

/** Key-value bucket with compare-and-set. Any failure that is not a `RevisionConflict` is a `StoreError`. */
export interface KvTable {
  /** Reads the value and the revision of a key. */
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
   * Deletes a value, at any revision or only at the given one.
   *
   * @throws {@link RevisionConflict} if the key has another revision than the given one.
   */
  delete(key: string, revision?: number): Promise<void>;
  /** Reads all rows with a key that begins with these tokens. */
  all(prefix: string): Promise<readonly KvRow[]>;
  /**
   * Reads the same rows as `all`, with one request for each key. Suits a few rows that are often erased: `all` waits for the
   * last row of its list, and waits in vain if that row is erased in the meantime.
   */
  each(prefix: string): Promise<readonly KvRow[]>;
  /** Deletes a key with its revision. Unlike `delete`, leaves no marker, so keys that are never used again take no space. */
  erase(key: string): Promise<void>;
  /** Reads all keys that begin with these tokens and have a value. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Returns the revision of the newest write to the bucket. */
  revision(): Promise<number>;
  /**
   * Reads the values that were written after the revision `after`, under keys that begin with these tokens.
   *
   * @param last - Revision at which the read ends. It must be later than `after` and must exist; otherwise the read waits.
   */
  changed(prefix: string, after: number, last: number): Promise<readonly Uint8Array[]>;
}

const storedValue = (entry: KvEntry): Uint8Array | undefined =>
  entry.operation === 'PUT' ? entry.value : undefined;

const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

/**
 * Creates a table of a bucket. A request can be sent twice. The second `put` then fails with a conflict, although the first
 * one was stored.
 */
export function createKvTable(
  bucket: KV,
  { manager, name }: { readonly manager: JetStreamManager; readonly name: string },
  sendRequest: SendRequest,
): KvTable {
  const stream = `KV_${name}`;
  const subjects = `$KV.${name}.`;
  const read = <T>(send: () => Promise<T>) => firstValueFrom(sendRequest('the read failed', send));
  const write = <T>(send: () => Promise<T>) =>
    firstValueFrom(sendRequest('the write failed, or its outcome is unknown', send));
  const compareAndSet = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await write(send);
    } catch (error) {
      throw isConflict((error as Error).cause) ? new RevisionConflict() : error;
    }
  };
  return {
    async get(key) {
      const entry = await read(() => bucket.get(key));
      return entry === null
        ? { value: undefined, revision: 0 }
        : { value: storedValue(entry), revision: entry.revision };
    },
    put: (key, value, revision) => compareAndSet(() => bucket.put(key, value, { previousSeq: revision })),
    set: async (key, value) => void (await write(() => bucket.put(key, value))),
    delete: (key, revision) =>
      compareAndSet(() => bucket.purge(key, revision === undefined ? {} : { previousSeq: revision })),
    all: (prefix) =>
      read(async () => {
        const rows: KvRow[] = [];
        for await (const entry of await bucket.history({ key: `${prefix}.>` })) {
          const value = storedValue(entry);
          if (value !== undefined) rows.push({ key: entry.key, value, revision: entry.revision });
        }
        return rows;
      }),
    each: (prefix) =>
      read(async () => {
        const { state } = await manager.streams.info(stream, { subjects_filter: `${subjects}${prefix}.>` });
        const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subjects.length));
        const entries = await Promise.all(keys.map((key) => bucket.get(key)));
        return entries.flatMap((entry) => {
          const value = entry === null ? undefined : storedValue(entry);
          return entry === null || value === undefined
            ? []
            : [{ key: entry.key, value, revision: entry.revision }];
        });
      }),
    erase: async (key) =>
      void (await write(() => manager.streams.purge(stream, { filter: `${subjects}${key}` }))),
    keys: (prefix) =>
      read(async () => {
        const keys: string[] = [];
        for await (const key of await bucket.keys(`${prefix}.>`)) keys.push(key);
        return keys;
      }),
    revision: () => read(async () => (await bucket.status()).streamInfo.state.last_seq),
    changed: (prefix, after, last) =>
      read(async () => {
        const values: Uint8Array[] = [];
        // Watch all keys: the revision that ends the loop can belong to any key.
        for await (const entry of await bucket.watch({ resumeFromRevision: after + 1 })) {
          const value = storedValue(entry);
          if (value !== undefined && entry.key.startsWith(`${prefix}.`)) values.push(value);
          if (entry.revision >= last) break;
        }
        return values;
      }),
  };
}
