import { describeEventLog } from './describe-event-log.ts';
import { openLmdbLog } from './lmdb-log.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describeEventLog(
  'the engine on LMDB',
  async () => {
    const directory = await temporaryDirectory();
    return {
      open: () => openLmdbLog(directory.file('events.lmdb')),
      cleanup: () => directory.remove(),
    };
  },
  { lasts: true },
);
