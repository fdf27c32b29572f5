import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** Where the log ends, as whoever appends leaves it behind. */
export interface LogEnd {
  /** The highest number ever given. */
  readonly latest: number;
  /** When that record was appended, in milliseconds since 1970. */
  readonly timestamp: number;
}

/** The sub-database that has the ends of all logs of an environment. */
export const ENDS_BUCKET = 'rx-watcher/ends';

/** The key of a log's row: its name may take more room than a key has. */
const keyOf = (eventsBucket: string): string => createHash('sha256').update(eventsBucket).digest('hex');

/** Opens that sub-database. */
export const openEnds = (env: RootDatabase): Database<Buffer, string> =>
  env.openDB({ name: ENDS_BUCKET, encoding: 'binary', useVersions: true });

/**
 * The end of the log in a row of its own, whose version is the latest number: an append that knows where the log ends
 * can be committed on the condition that it still ends there, without a look from inside the transaction.
 */
export interface LogEndRow {
  /** Reads it; `undefined` if nothing was ever appended. */
  read(): LogEnd | undefined;
  /** Moves it, inside a write transaction or the work of `ifStill`. */
  write(end: LogEnd): void;
  /**
   * Has puts committed if the log still ends there by then.
   *
   * @param puts - Makes the puts, at once; it looks at nothing.
   * @returns Whether it did, once that is durable.
   */
  ifStill(end: LogEnd, puts: () => void): Promise<boolean>;
}

/** Opens the row of the log of this name. */
export function createLogEndRow(ends: Database<Buffer, string>, eventsBucket: string): LogEndRow {
  const key = keyOf(eventsBucket);
  return {
    read() {
      const row = ends.getEntry(key);
      return row && { latest: row.version as number, timestamp: row.value.readDoubleLE(0) };
    },
    write({ latest, timestamp }) {
      const value = Buffer.allocUnsafe(8);
      value.writeDoubleLE(timestamp, 0);
      void ends.put(key, value, latest);
    },
    ifStill: ({ latest }, puts) => ends.ifVersion(key, latest, puts),
  };
}
