import { createEventStore } from 'rx-watcher';
import { describeEventStore } from 'rx-watcher/testing';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { runner } from './runner.ts';

describeEventStore(runner, 'createEventStore on an engine without optional members', {
  supports: { reopen: false, deadLetters: false, leases: false, importing: false, sharing: false },
  create: () => ({
    open(options = {}) {
      const {
        deadLetters: _deadLetters,
        leases: _leases,
        reports: _reports,
        importRecords: _importRecords,
        ...log
      } = createMemoryEventLog();
      return createEventStore(log, options);
    },
    cleanup() {},
  }),
});
