import { open as openEnv } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describeEventStore } from 'rx-watcher/testing';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { lmdbFeatures } from './lmdb-features.ts';
import { runner } from './runner.ts';

describeEventStore(runner, 'openLmdbStore({ env })', {
  supports: lmdbFeatures,
  async create() {
    const directory = await temporaryDirectory();
    const env = openEnv({
      path: directory.file('app.lmdb'),
      noSubdir: true,
      overlappingSync: false,
      eventTurnBatching: false,
    });
    return {
      open: (options) => openLmdbStore({ ...options, env }),
      async cleanup() {
        await env.close();
        await directory.remove();
      },
    };
  },
});
