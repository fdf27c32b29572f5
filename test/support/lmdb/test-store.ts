import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { type LmdbEventStore, type LmdbStoreOptions, openLmdbStore } from 'rx-watcher/lmdb';
import { onTestFinished } from 'vitest';
import { testDirectory } from '../temporary-directory.ts';
import { openEnv } from './lmdb-log.ts';

/** Returns the path of a data file that does not exist yet. Its directory is removed when the current test has finished. */
export const testFile = (): string => join(testDirectory(), 'events.lmdb');

/** Opens an LMDB environment on a new file, and closes it when the current test has finished. */
export function testEnv(): RootDatabase {
  const env = openEnv(testFile());
  onTestFinished(() => env.close());
  return env;
}

/** Opens a store, by default on a new file, and closes it when the current test has finished. */
export function testStore(options?: LmdbStoreOptions): LmdbEventStore {
  const store = openLmdbStore(options ?? { path: testFile() });
  onTestFinished(() => store.close());
  return store;
}
