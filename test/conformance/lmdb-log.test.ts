import { describeEventLog } from 'rx-watcher/testing';
import { openLmdbLog } from '../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runner } from './runner.ts';

describeEventLog(runner, 'the engine on LMDB', {
  supports: { reopen: true, transactions: true },
  async create() {
    const directory = await temporaryDirectory();
    return {
      open: () => openLmdbLog(directory.file('events.lmdb')),
      cleanup: () => directory.remove(),
    };
  },
});
