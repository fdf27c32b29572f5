import { defer, observable, of, Subject } from 'rxjs';
import { LeaseLostError } from '../../errors.ts';
import { matches } from '../../event/event-filter.ts';
import { promiseTry } from '../../scheduling/promise-try.ts';
import { lowestOf } from '../../store/retention/retention-policy.ts';
import type { DeadLetterRecord, DeadLetterTable } from '../contract/dead-letter-table.ts';
import type { EventLog } from '../contract/event-log.ts';
import type { Lease, LeaseTable } from '../contract/lease-table.ts';
import type { StoredRecord } from '../contract/record.ts';

/**
 * A Promise that has resolved, and says so at once to whoever takes it for an Observable, as `from` does: virtual time
 * cannot wait for a Promise.
 */
const resolvedSync = <T>(value: T): Promise<T> =>
  Object.assign(Promise.resolve(value), { [observable]: () => of(value) });

/** Leases in a map. */
export interface MemoryLeases extends LeaseTable {
  /**
   * Refuses a write under a token that is no longer the newest.
   *
   * @throws LeaseLostError
   */
  check(watcherId: string, fence: number | undefined): void;
}

/** Makes them, empty. */
function createMemoryLeases(): MemoryLeases {
  const leases = new Map<string, Lease>();
  const released$ = new Subject<void>();
  return {
    released$,
    get: (watcherId) => defer(() => of(leases.get(watcherId))),
    store(watcherId, draft, revision) {
      if ((leases.get(watcherId)?.revision ?? 0) !== revision) return resolvedSync(undefined);
      leases.set(watcherId, { ...draft, revision: revision + 1 });
      if (draft.owner === undefined) released$.next();
      return resolvedSync<number | undefined>(revision + 1);
    },
    check(watcherId, fence) {
      const token = leases.get(watcherId)?.token;
      if (fence === undefined || fence === token) return;
      throw new LeaseLostError(watcherId, fence, `the newest is ${token ?? 'none'}`);
    },
  };
}

/** Dead letters in a map, beside a log in an array. */
function createMemoryDeadLetters(
  recordOf: (seqNum: number) => StoredRecord | undefined,
  setCheckpoint: (watcherId: string, seqNum: number) => void,
  checkFence: (watcherId: string, fence: number | undefined) => void,
): DeadLetterTable {
  const letters = new Map<string, Map<number, DeadLetterRecord>>();
  return {
    store: ({ watcherId, seqNum, details, checkpoint, fence }) =>
      promiseTry(() => {
        checkFence(watcherId, fence);
        const own = letters.get(watcherId) ?? new Map<number, DeadLetterRecord>();
        const record = recordOf(seqNum) ?? own.get(seqNum)?.record;
        letters.set(watcherId, own.set(seqNum, { seqNum, details, ...(record && { record }) }));
        if (checkpoint !== undefined) setCheckpoint(watcherId, checkpoint);
        return resolvedSync(undefined);
      }),
    read: (watcherId) =>
      defer(() => of([...(letters.get(watcherId)?.values() ?? [])].sort((a, b) => a.seqNum - b.seqNum))),
    async delete(watcherId, seqNum) {
      letters.get(watcherId)?.delete(seqNum);
    },
  };
}

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

    async importRecords(after, restored) {
      if (latest > 0 && after !== latest) return false;
      latest = after + restored.length;
      for (const record of restored) records.push(record);
      lastTime = restored.at(-1)?.timestamp ?? lastTime;
      appended$.next();
      return true;
    },

    read: ({ after, filter, maxScanned, limit, maxBytes }) =>
      defer(() => {
        const { oldest } = bounds();
        const given: StoredRecord[] = [];
        const start = Math.max(after, oldest - 1);
        let lastScannedSeqNum = start;
        let bytes = 0;
        for (let index = start + 1 - oldest; index < records.length; index++) {
          if (lastScannedSeqNum - start >= maxScanned || given.length >= limit || bytes >= maxBytes) break;
          const record = records[index] as StoredRecord;
          lastScannedSeqNum = record.seqNum;
          if (!matches(filter, record.operation, record.objectType)) continue;
          given.push(record);
          bytes += record.payload.length;
        }
        return of({ records: given, lastScannedSeqNum, oldest, latest });
      }),

    bounds: () => defer(() => of(bounds())),

    seqNumForTimestamp: (timestamp) =>
      defer(() => of(records.find((record) => record.timestamp >= timestamp)?.seqNum ?? latest + 1)),

    async trim({ maxSeqNum, maxTimestamp, respectCheckpoints, lowWatermark, maxRecords }) {
      const bound = Math.min(maxSeqNum, lowWatermark?.() ?? maxSeqNum);
      const held = respectCheckpoints ? lowestOf(checkpoints.values(), bound) : bound;
      const kept = records.findIndex(({ seqNum, timestamp }) => seqNum > held || timestamp > maxTimestamp);
      const deleted = Math.min(kept === -1 ? records.length : kept, maxRecords);
      records = records.slice(deleted);
      return { deleted, oldest: bounds().oldest };
    },

    bytes: () => defer(() => of(records.reduce((sum, { payload }) => sum + payload.length, 0))),

    storeCheckpoint: (watcherId, seqNum, fence) =>
      promiseTry(() => {
        leases.check(watcherId, fence);
        checkpoints.set(watcherId, seqNum);
        return resolvedSync(undefined);
      }),
    getCheckpoint: (watcherId) => defer(() => of(checkpoints.get(watcherId))),
    checkpoints: () => defer(() => of(new Map(checkpoints))),
    async deleteCheckpoint(watcherId) {
      checkpoints.delete(watcherId);
    },

    deadLetters: createMemoryDeadLetters(
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
