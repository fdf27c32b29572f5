import { describeEventLog } from 'rx-watcher/testing';
import { openLmdbLog } from './lmdb-log.ts';
import { runner } from './runner.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describeEventLog(runner, 'the engine on LMDB', {
  supports: { reopen: true },
  async create() {
    const directory = await temporaryDirectory();
    return {
      open: () => openLmdbLog(directory.file('events.lmdb')),
      cleanup: () => directory.remove(),
    };
  },
});
