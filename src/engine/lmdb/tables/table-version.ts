import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** Name of the sub-database with the versions of all tables of an environment. */
export const VERSIONS_BUCKET = 'rx-watcher/versions';

export const openVersions = (env: RootDatabase): Database<Buffer, string> =>
  env.openDB({ name: VERSIONS_BUCKET, encoding: 'binary', useVersions: true });

/**
 * A number that LMDB's thread compares before it writes. A write that depends on an earlier read is stored on the condition
 * that the number is unchanged. No callback runs inside the transaction, so the writer lock is held only for the write.
 */
export interface TableVersion {
  /** Returns the version; 0 if no version was written yet. */
  read(): number;
  /** Writes the version. Must be called inside a write transaction or inside `work` of `ifIs`. */
  write(version: number): void;
  /**
   * Commits the writes of `work` if the stored version is still `version` at the commit.
   *
   * @param work - Function that writes synchronously. It must not read.
   * @returns Whether the writes were committed. Resolves when they are durable.
   */
  ifIs(version: number, work: () => void): Promise<boolean>;
}

/**
 * Creates the version with a name.
 *
 * @param name - Any text. The key is a digest of the name, because a name can be longer than a key.
 */
export function tableVersion(versions: Database<Buffer, string>, name: string): TableVersion {
  const key = createHash('sha256').update(name, 'utf16le').digest('hex');
  return {
    read: () => versions.getEntry(key)?.version ?? 0,
    write: (version) => void versions.put(key, Buffer.alloc(0), version),
    // In lmdb-js, `null` stands for the version of an entry that does not exist.
    ifIs: (version, work) => versions.ifVersion(key, (version || null) as number, work),
  };
}
