import { openLmdbStore } from 'rx-watcher/lmdb';
import { describeEventStore } from './describe-event-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describeEventStore(
  'openLmdbStore({ path })',
  async () => {
    const directory = await temporaryDirectory();
    return {
      open: (options) => openLmdbStore({ ...options, path: directory.file('events.lmdb') }),
      cleanup: () => directory.remove(),
    };
  },
  { lasts: true },
);
