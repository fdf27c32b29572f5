import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { afterEach, beforeEach, describe } from 'vitest';
import type { OpenStore } from '../../../src/testing/conformance/store-fixture.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../conformance/temporary-directory.ts';

/** The same tests for a store in memory and for one on LMDB; what a test has opened is closed behind it. */
export function onEachEngine(tests: (open: OpenStore) => void): void {
  describe.each(['in memory', 'on LMDB'])('%s', (engine) => {
    let directory: TemporaryDirectory;
    let opened: EventStore[] = [];

    beforeEach(async () => {
      directory = await temporaryDirectory();
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
      await directory.remove();
    });
    tests(async (options = {}) => {
      const store =
        engine === 'in memory'
          ? createMemoryStore(options)
          : openLmdbStore({ ...options, path: directory.file('events.lmdb') });
      opened.push(store);
      return store;
    });
  });
}

/** Waits until the writes that were begun before this are through: they take effect in order. */
export const writesAreThrough = (store: EventStore): Promise<void> => store.deleteCheckpoint('nobody');
