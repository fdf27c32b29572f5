import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { KV, KvEntry } from '@nats-io/kv';
import { engineFailure } from './engine-failure.ts';

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
  /** Removes a value, whatever it is. */
  remove(key: string): Promise<void>;
  /** All values whose key begins with these tokens. */
  all(prefix: string): Promise<readonly Uint8Array[]>;
}

const presentIn = (entry: KvEntry): Uint8Array | undefined =>
  entry.operation === 'PUT' ? entry.value : undefined;

const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence;

const failing = async <T>(what: string, work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (cause) {
    throw isConflict(cause) ? new RevisionConflict() : engineFailure(what, cause);
  }
};

/** Makes a table of a bucket. */
export const createKvTable = (bucket: KV): KvTable => ({
  async get(key) {
    const entry = await failing('the read failed', bucket.get(key));
    return entry === null
      ? { value: undefined, revision: 0 }
      : { value: presentIn(entry), revision: entry.revision };
  },
  put: (key, value, revision) =>
    failing('the write failed, or its outcome is unknown', bucket.put(key, value, { previousSeq: revision })),
  remove: (key) => failing('the write failed, or its outcome is unknown', bucket.purge(key)),
  async all(prefix) {
    const values: Uint8Array[] = [];
    const collect = async () => {
      for await (const entry of await bucket.history({ key: `${prefix}.>` })) {
        const value = presentIn(entry);
        if (value !== undefined) values.push(value);
      }
    };
    await failing('the read failed', collect());
    return values;
  },
});
