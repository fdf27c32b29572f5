import { defer, of, Subject } from 'rxjs';
import { matches } from '../../event/event-filter.ts';
import { doneAtOnce } from '../../flow/done-at-once.ts';
import { lowestOf } from '../../retention/lowest-of.ts';
import type { EventLog } from '../../store/event-log.ts';
import type { StoredRecord } from '../../store/record.ts';
import { started } from '../../store/started.ts';
import { createMemoryLeases } from './memory-leases.ts';
import { createMemoryLetters } from './memory-letters.ts';

/** A log in an array: the reference model of what an engine does. Everything happens within the call. */
export function createMemoryEventLog(): EventLog {
  const checkpoints = new Map<string, number>();
  const leases = createMemoryLeases();
  const appended$ = new Subject<void>();
  let records: StoredRecord[] = [];
  let latest = 0;
  let lastTime = 0;

  const bounds = () => ({ oldest: records[0]?.seqNum ?? latest + 1, latest });

  return {
    appended$,

    async append(drafts, now) {
      const firstSeqNum = latest + 1;
      const timestamp = Math.max(now, lastTime);
      lastTime = timestamp;
      for (const draft of drafts) records.push({ seqNum: ++latest, timestamp, ...draft });
      appended$.next();
      return { firstSeqNum, timestamp };
    },

    async restore(after, restored) {
      if (latest > 0 && after !== latest) return false;
      latest = after + restored.length;
      for (const record of restored) records.push(record);
      lastTime = restored.at(-1)?.timestamp ?? lastTime;
      appended$.next();
      return true;
    },

    read: ({ after, filter, maxExamined, maxGiven, maxBytes }) =>
      defer(() => {
        const { oldest } = bounds();
        const given: StoredRecord[] = [];
        const start = Math.max(after, oldest - 1);
        let through = start;
        let bytes = 0;
        for (let index = start + 1 - oldest; index < records.length; index++) {
          if (through - start >= maxExamined || given.length >= maxGiven || bytes >= maxBytes) break;
          const record = records[index] as StoredRecord;
          through = record.seqNum;
          if (!matches(filter, record.operation, record.objectType)) continue;
          given.push(record);
          bytes += record.payload.length;
        }
        return of({ records: given, through, oldest, latest });
      }),

    bounds: () => defer(() => of(bounds())),

    firstAt: (timestamp) =>
      defer(() => of(records.find((record) => record.timestamp >= timestamp)?.seqNum ?? latest + 1)),

    async trim({ upTo, notAfter, heedCheckpoints, released, maxRecords }) {
      const bound = Math.min(upTo, released?.() ?? upTo);
      const held = heedCheckpoints ? lowestOf(checkpoints.values(), bound) : bound;
      const kept = records.findIndex(({ seqNum, timestamp }) => seqNum > held || timestamp > notAfter);
      const deleted = Math.min(kept === -1 ? records.length : kept, maxRecords);
      records = records.slice(deleted);
      return { deleted, oldest: bounds().oldest };
    },

    bytes: () => defer(() => of(records.reduce((sum, { payload }) => sum + payload.length, 0))),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      started(() => {
        leases.check(watcherId, fence);
        checkpoints.set(watcherId, seqNum);
        return doneAtOnce(undefined);
      }),
    getCheckpoint: (watcherId) => defer(() => of(checkpoints.get(watcherId))),
    checkpoints: () => defer(() => of(new Map(checkpoints))),
    async deleteCheckpoint(watcherId) {
      checkpoints.delete(watcherId);
    },

    deadLetters: createMemoryLetters(
      (seqNum) => records[seqNum - bounds().oldest],
      (watcherId, seqNum) => checkpoints.set(watcherId, seqNum),
      leases.check,
    ),
    leases,

    async close() {
      records = [];
      checkpoints.clear();
    },
  };
}
