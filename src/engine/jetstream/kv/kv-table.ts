import { createHash } from 'node:crypto';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import { firstValueFrom } from 'rxjs';
import type { SendRequest } from '../connection/request.ts';

/** An id that is a key as it is. */
const PLAIN = /^[\w-]{1,64}$/;

/** The token of an id in a key: itself, or a digest behind a `=`, which no id begins with that is left as it is. */
export const idToken = (id: string): string =>
  PLAIN.test(id) ? id : `=${createHash('sha256').update(id, 'utf16le').digest('hex')}`;

/** A value in a bucket; the revision is there also if the value was deleted. */
export interface KvValue {
  /** The value; `undefined` if there is none. */
  readonly value: Uint8Array | undefined;
  /** Its revision; 0 if there never was one. */
  readonly revision: number;
}

/** Thrown, and caught, inside the engine: the value is of another revision than was expected. */
export class RevisionConflict extends Error {}

/** A bucket whose values change only if they are what one believes them to be. */
export interface KvTable {
  /** Reads a value. */
  get(key: string): Promise<KvValue>;
  /**
   * Writes a value, if the present one is of this revision.
   *
   * @returns The new revision.
   * @throws RevisionConflict if it is of another.
   */
  put(key: string, value: Uint8Array, revision: number): Promise<number>;
  /** Writes a value, whatever the present one is. */
  set(key: string, value: Uint8Array): Promise<void>;
  /**
   * Removes a value: whatever it is, or, if a revision is given, the one of that.
   *
   * @throws RevisionConflict if it is of another.
   */
  remove(key: string, revision?: number): Promise<void>;
  /** All values whose key begins with these tokens. */
  all(prefix: string): Promise<readonly Uint8Array[]>;
  /** Returns the revision of the newest write to the bucket. */
  revision(): Promise<number>;
  /** Values whose key begins with these tokens, written after a revision, up to an existing later one at least. */
  changed(prefix: string, after: number, through: number): Promise<readonly Uint8Array[]>;
}

const presentIn = (entry: KvEntry): Uint8Array | undefined =>
  entry.operation === 'PUT' ? entry.value : undefined;

const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

/** Makes a table of a bucket. Whatever it asks may be asked twice: of two equal writes the second finds a conflict. */
export function createKvTable(bucket: KV, ask: SendRequest): KvTable {
  const reading = <T>(read: () => Promise<T>) => firstValueFrom(ask('the read failed', read));
  const writing = <T>(write: () => Promise<T>) =>
    firstValueFrom(ask('the write failed, or its outcome is unknown', write));
  const writingOver = async <T>(write: () => Promise<T>): Promise<T> => {
    try {
      return await writing(write);
    } catch (error) {
      throw isConflict((error as Error).cause) ? new RevisionConflict() : error;
    }
  };
  return {
    async get(key) {
      const entry = await reading(() => bucket.get(key));
      return entry === null
        ? { value: undefined, revision: 0 }
        : { value: presentIn(entry), revision: entry.revision };
    },
    put: (key, value, revision) => writingOver(() => bucket.put(key, value, { previousSeq: revision })),
    set: async (key, value) => void (await writing(() => bucket.put(key, value))),
    remove: (key, revision) =>
      writingOver(() => bucket.purge(key, revision === undefined ? {} : { previousSeq: revision })),
    all: (prefix) =>
      reading(async () => {
        const values: Uint8Array[] = [];
        for await (const entry of await bucket.history({ key: `${prefix}.>` })) {
          const value = presentIn(entry);
          if (value !== undefined) values.push(value);
        }
        return values;
      }),
    revision: () => reading(async () => (await bucket.status()).streamInfo.state.last_seq),
    changed: (prefix, after, through) =>
      reading(async () => {
        const values: Uint8Array[] = [];
        // All keys: the write of `through` ends the loop, and may be of any.
        for await (const entry of await bucket.watch({ resumeFromRevision: after + 1 })) {
          const value = presentIn(entry);
          if (value !== undefined && entry.key.startsWith(`${prefix}.`)) values.push(value);
          if (entry.revision >= through) break;
        }
        return values;
      }),
  };
}
