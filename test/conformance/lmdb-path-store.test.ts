import { openLmdbStore } from 'rx-watcher/lmdb';
import { describeEventStore } from 'rx-watcher/testing';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { lmdbFeatures } from './lmdb-features.ts';
import { runner } from './runner.ts';

describeEventStore(runner, 'openLmdbStore({ path })', {
  supports: lmdbFeatures,
  async create() {
    const directory = await temporaryDirectory();
    return {
      open: (options) => openLmdbStore({ ...options, path: directory.file('events.lmdb') }),
      cleanup: () => directory.remove(),
    };
  },
});
