import { open as openEnv } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { describeEventStore } from './describe-event-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describeEventStore(
  'openLmdbStore({ env })',
  async () => {
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
  { lasts: true },
);
