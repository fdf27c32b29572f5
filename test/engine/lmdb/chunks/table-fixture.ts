import { type Database, open, type RootDatabase } from 'lmdb';
import type { StoreOptions } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

/** A store with access to its table of chunks. */
export interface TableFixture {
  readonly env: RootDatabase;
  readonly time: VirtualClock;
  readonly store: LmdbEventStore;
  readonly table: Database<Buffer, number>;
  keys(): readonly number[];
  remove(): Promise<void>;
}

/** Opens an empty store without an object cache, so that each read reads the table. */
export async function tableFixture(options: StoreOptions = {}): Promise<TableFixture> {
  const directory = await temporaryDirectory();
  const env = open({
    path: directory.file('events.lmdb'),
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const time = new VirtualClock();
  const store = openLmdbStore({ scheduler: time, gcAgeThreshold: 1000, cacheSize: 0, ...options, env });
  const table = env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' });
  return {
    env,
    time,
    store,
    table,
    keys() {
      env.resetReadTxn();
      return [...table.getKeys({ start: 1 })];
    },
    async remove() {
      await store.close();
      await env.close();
      await directory.remove();
    },
  };
}
