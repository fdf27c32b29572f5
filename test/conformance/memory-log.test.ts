import { describeEventLog } from 'rx-watcher/testing';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { runner } from './runner.ts';

describeEventLog(runner, 'the engine in memory', {
  supports: { reopen: false, transactions: true },
  create: () => ({ open: createMemoryEventLog, cleanup() {} }),
});
