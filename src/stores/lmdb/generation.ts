import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** The sub-database that has the generations of all logs of an environment. */
export const GENERATIONS_BUCKET = 'rx-watcher/generations';

/** The key of a log's row: its name may take more room than a key has. */
const keyOf = (eventsBucket: string): string => createHash('sha256').update(eventsBucket).digest('hex');

/** Opens that sub-database. */
export const openGenerations = (env: RootDatabase): Database<Buffer, string> =>
  env.openDB({ name: GENERATIONS_BUCKET, encoding: 'binary', useVersions: true });

/**
 * Counts what becomes of a table of chunks, but for one thing: an append of a single record leaves it as it is. Such an
 * append shows in a key one above the last, which nothing else takes away without beginning another generation. Who knows
 * where a log ended, and in which generation, can therefore have LMDB find out by two keys whether it still ends there,
 * without a look from inside the transaction; and where it appends one record, it writes nothing else.
 */
export interface Generation {
  /** Which one it is; 0 at first. */
  read(): number;
  /** Begins the one after, inside a write transaction or the work of `ifStill`. */
  follow(generation: number): void;
  /**
   * Has writes committed if it still is that one by then.
   *
   * @param work - Makes the writes, at once; it looks at nothing.
   * @returns Whether it was, once that is durable.
   */
  ifStill(generation: number, work: () => void): Promise<boolean>;
}

/** Opens the row of the log of this name. */
export function createGeneration(generations: Database<Buffer, string>, eventsBucket: string): Generation {
  const key = keyOf(eventsBucket);
  return {
    read: () => generations.getEntry(key)?.version ?? 0,
    follow: (generation) => void generations.put(key, Buffer.alloc(0), generation + 1),
    // To lmdb-js, `null` is the version of what is not there.
    ifStill: (generation, work) => generations.ifVersion(key, (generation || null) as number, work),
  };
}
