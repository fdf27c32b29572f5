import type { Database, RootDatabase } from 'lmdb';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../temporary-directory.ts';
import { openEnv } from './lmdb-log.ts';

/** An application with a table and a log in one environment. */
export interface Application {
  readonly env: RootDatabase;
  readonly users: Database<string, string>;
  readonly store: LmdbEventStore;
  /** Directory for other files. */
  readonly directory: TemporaryDirectory;
  /** Closes the environment and removes its files. */
  remove(): Promise<void>;
}

/** Creates an application with an empty log. */
export async function application(): Promise<Application> {
  const directory = await temporaryDirectory();
  const env = openEnv(directory.file('app.lmdb'));
  const store = openLmdbStore({ env, scheduler: new VirtualClock(), gcAgeThreshold: 0 });
  return {
    env,
    users: env.openDB<string, string>({ name: 'users' }),
    store,
    directory,
    async remove() {
      await store.close();
      await env.close();
      await directory.remove();
    },
  };
}
