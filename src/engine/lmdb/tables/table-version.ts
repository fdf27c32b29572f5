import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** Name of the sub-database that holds the version rows of all logs of an environment. */
export const VERSIONS_BUCKET = 'rx-watcher/versions';

/** Opens that sub-database. */
export const openVersions = (env: RootDatabase): Database<Buffer, string> =>
  env.openDB({ name: VERSIONS_BUCKET, encoding: 'binary', useVersions: true });

/**
 * A number that LMDB's own thread compares before it writes. A write that depends on what was read before is stored
 * under that condition: no callback runs inside the transaction, so the lock of writers is held only for the write.
 */
export interface TableVersion {
  /** Returns the number; 0 if none was written yet. */
  read(): number;
  /** Writes the number, inside a write transaction or the work of `ifIs`. */
  write(version: number): void;
  /**
   * Commits writes if the number is still `version` by then.
   *
   * @param work - Makes the writes, synchronously; it must read nothing.
   * @returns Whether the writes were made, once that is durable.
   */
  ifIs(version: number, work: () => void): Promise<boolean>;
}

/**
 * Returns the row of a name.
 *
 * @param name - Any text. The key is its digest, since a name may take more room than a key has.
 */
export function tableVersion(versions: Database<Buffer, string>, name: string): TableVersion {
  const key = createHash('sha256').update(name, 'utf16le').digest('hex');
  return {
    read: () => versions.getEntry(key)?.version ?? 0,
    write: (version) => void versions.put(key, Buffer.alloc(0), version),
    // To lmdb-js, `null` is the version of an entry that does not exist.
    ifIs: (version, work) => versions.ifVersion(key, (version || null) as number, work),
  };
}
