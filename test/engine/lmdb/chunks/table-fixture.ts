import { type Database, open, type RootDatabase } from 'lmdb';
import type { StoreOptions } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { VirtualTime } from '../../../../src/testing/conformance/support/virtual-time.ts';
import { temporaryDirectory } from '../../../conformance/temporary-directory.ts';

/** A store whose table of chunks can be looked into. */
export interface TableFixture {
  readonly env: RootDatabase;
  readonly time: VirtualTime;
  readonly store: LmdbEventStore;
  readonly table: Database<Buffer, number>;
  /** The numbers of the last events of its chunks. */
  keys(): readonly number[];
  /** Closes and removes it. */
  remove(): Promise<void>;
}

/** Opens a store that has nothing in it. It keeps no objects: each read is one of the table. */
export async function tableFixture(options: StoreOptions = {}): Promise<TableFixture> {
  const directory = await temporaryDirectory();
  const env = open({
    path: directory.file('events.lmdb'),
    noSubdir: true,
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: true, // hundreds of commits, of which none is to outlast the test
  });
  const time = new VirtualTime();
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
