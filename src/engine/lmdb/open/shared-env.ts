import { statSync } from 'node:fs';
import type { RootDatabase } from 'lmdb';

/** An environment that several stores of this thread may have open, and how to let go of it. */
export interface SharedEnv {
  /** The environment. */
  readonly env: RootDatabase;
  /** Closes it, if nobody else has it open. */
  release(): Promise<void>;
}

const inUse = new Map<string, { readonly env: RootDatabase; users: number }>();

const fileId = (path: string): string | undefined => {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
};

/**
 * Opens a file once in this thread, however many stores there are on it.
 *
 * To open a table, lmdb-js takes the lock of writers and stops the thread until it has it. A second environment of the
 * same thread may hold it, and wait for that thread: neither would ever go on.
 */
export function shareEnv(path: string, open: (path: string) => RootDatabase): SharedEnv {
  const known = fileId(path);
  const entry = (known && inUse.get(known)) || { env: open(path), users: 0 };
  const id = known ?? (fileId(path) as string);
  entry.users++;
  inUse.set(id, entry);
  return {
    env: entry.env,
    async release() {
      if (--entry.users > 0) return;
      inUse.delete(id);
      await entry.env.close();
    },
  };
}
