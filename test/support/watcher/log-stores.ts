import type { SchedulerLike } from 'rxjs';
import { defer } from 'rxjs';
import type { EventLog } from '../../../src/engine/contract/event-log.ts';
import { createMemoryEventLog } from '../../../src/engine/memory/memory-event-log.ts';
import { createEventStore } from '../../../src/store/create-event-store.ts';
import type { EventStore } from '../../../src/store/event-store.ts';

/** Creates a memory store, and a function that trims its log. */
export function trimmableStore(scheduler: SchedulerLike) {
  const log = createMemoryEventLog();
  const trim = (maxSeqNum: number): void =>
    void log.trim({
      maxSeqNum,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
      maxRecords: Number.POSITIVE_INFINITY,
    });
  return { store: createEventStore(log, { scheduler, gcAgeThreshold: 0 }), trim };
}

/** Creates a memory store, and a counter of the reads of its log. */
export function readCountingStore(scheduler: SchedulerLike): { store: EventStore; count: { reads: number } } {
  const log = createMemoryEventLog();
  const count = { reads: 0 };
  const read: EventLog['read'] = (request) =>
    defer(() => {
      count.reads++;
      return log.read(request);
    });
  return { store: createEventStore({ ...log, read }, { scheduler, gcAgeThreshold: 0 }), count };
}
