import { statSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

/** An environment that several stores of this thread can share. */
export interface SharedEnv {
  /** Shared environment. Only `release` may close it. */
  readonly env: RootDatabase;
  /**
   * Ends the use of the environment by one store. Must be called once per store, because the last call closes the
   * environment.
   */
  release(): Promise<void>;
}

const openEnvs = new Map<string, { readonly env: RootDatabase; users: number }>();

const fileId = (path: string): string | undefined => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
};

/**
 * Returns the environment of a file. Opens the file only once in this thread, even if several stores use it.
 *
 * To open a table, lmdb-js acquires the writer lock, and blocks the thread until it has the lock. If a second environment of
 * the same thread held the lock, it could release the lock only when the thread continues, so the thread would wait forever.
 */
export function shareEnv(path: string, open: (path: string) => RootDatabase): SharedEnv {
  const existingId = fileId(path);
  const entry = (existingId && openEnvs.get(existingId)) || { env: open(path), users: 0 };
  const id = existingId ?? (fileId(path) as string);
  entry.users++;
  openEnvs.set(id, entry);
  return {
    env: entry.env,
    async release() {
      if (--entry.users > 0) return;
      openEnvs.delete(id);
      await entry.env.close();
    },
  };
}
