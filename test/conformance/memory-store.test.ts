import { createMemoryStore } from 'rx-watcher/memory';
import { describeEventStore } from 'rx-watcher/testing';
import { runner } from './runner.ts';

describeEventStore(runner, 'createMemoryStore', {
  supports: {
    reopen: false,
    deadLetters: true,
    leases: true,
    importing: true,
    sharing: false,
    reports: true,
    transactions: true,
  },
  create: () => ({ open: createMemoryStore, cleanup() {} }),
});
