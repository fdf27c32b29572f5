import { createEventStore } from 'rx-watcher';
import { describeEventStore } from 'rx-watcher/testing';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { runner } from './runner.ts';

/** What an engine has to have, and nothing that it may leave. */
describeEventStore(runner, 'a store on an engine that has nothing that may be left out', {
  supports: { reopen: false, deadLetters: false, leases: false, restoring: false, sharing: false },
  create: () => ({
    open(options = {}) {
      const {
        deadLetters: _letters,
        leases: _leases,
        importRecords: _restore,
        ...log
      } = createMemoryEventLog();
      return createEventStore(log, options);
    },
    cleanup() {},
  }),
});
