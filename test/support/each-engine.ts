import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { afterEach, beforeEach, describe } from 'vitest';
import type { OpenStore } from '../../src/testing/conformance/store-fixture.ts';
import { eachDirectory } from './each-directory.ts';

/** Runs tests with a memory store and with an LMDB store. Closes the opened stores after each test. */
export function onEachEngine(tests: (open: OpenStore) => void): void {
  describe.each(['in memory', 'on LMDB'])('%s', (engine) => {
    const directory = eachDirectory();
    let opened: EventStore[] = [];

    beforeEach(() => {
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((store) => store.close()));
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

/**
 * Resolves when all earlier writes are completed. Writes take effect in order, so this function waits for one further write.
 */
export const pendingWrites = (store: EventStore): Promise<void> => store.deleteCheckpoint('unused');
