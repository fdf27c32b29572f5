import { createMemoryStore } from 'rx-watcher/memory';
import { describeEventStore } from './describe-event-store.ts';

describeEventStore('createMemoryStore', () => ({ open: createMemoryStore, cleanup() {} }), { lasts: false });
