import { defer, of, Subject } from 'rxjs';
import { LeaseLostError } from '../../errors.ts';
import { matches } from '../../event/event-filter.ts';
import { lowestOf } from '../../store/retention/retention-policy.ts';
import { assertDuplicate } from '../contract/assert-duplicate.ts';
import type { DeadLetterRecord, DeadLetterTable } from '../contract/dead-letter-table.ts';
import type { AppendResult, EventLog } from '../contract/event-log.ts';
import type { Lease, LeaseTable } from '../contract/lease-table.ts';
import { assertOutsideTransaction } from '../contract/outside-transactions.ts';
import type { NewRecord, StoredRecord } from '../contract/record.ts';

/** Lease table in memory. */
interface MemoryLeases extends LeaseTable {
  /**
   * Checks the fencing token of a write.
   *
   * @throws {@link LeaseLostError} if the token is not the newest one of the watcher.
   */
  check(watcherId: string, fence: number | undefined): void;
}

/** Creates an empty lease table. */
function createMemoryLeases(assertOutside: () => void): MemoryLeases {
  const leases = new Map<string, Lease>();
  const released$ = new Subject<void>();
  return {
    released$,
    get: (watcherId) => defer(() => of(leases.get(watcherId))),
    store(watcherId, lease, revision) {
      assertOutside();
      if ((leases.get(watcherId)?.revision ?? 0) !== revision) return undefined;
      leases.set(watcherId, { ...lease, revision: revision + 1 });
      if (lease.owner === undefined) released$.next();
      return revision + 1;
    },
    check(watcherId, fence) {
      const token = leases.get(watcherId)?.token;
      if (fence === undefined || fence === token) return;
      throw new LeaseLostError(watcherId, fence, `the newest is ${token ?? 'none'}`);
    },
  };
}

/** Dead letter table in memory. */
interface MemoryDeadLetters extends DeadLetterTable {
  /** Deletes a dead letter, as a part of a transaction that commits. */
  deleteNow(watcherId: string, seqNum: number): void;
}

/** Creates an empty dead letter table. Records are copied from the log. */
function createMemoryDeadLetters(
  assertOutside: () => void,
  recordOf: (seqNum: number) => StoredRecord | undefined,
  setCheckpoint: (watcherId: string, seqNum: number) => void,
  checkFence: (watcherId: string, fence: number | undefined) => void,
): MemoryDeadLetters {
  const deadLetters = new Map<string, Map<number, DeadLetterRecord>>();
  const deleteNow = (watcherId: string, seqNum: number) => {
    deadLetters.get(watcherId)?.delete(seqNum);
  };
  return {
    deleteNow,
    store({ watcherId, seqNum, details, checkpoint, fence }) {
      assertOutside();
      checkFence(watcherId, fence);
      const ofWatcher = deadLetters.get(watcherId) ?? new Map<number, DeadLetterRecord>();
      const record = recordOf(seqNum) ?? ofWatcher.get(seqNum)?.record;
      deadLetters.set(watcherId, ofWatcher.set(seqNum, { seqNum, details, ...(record && { record }) }));
      if (checkpoint !== undefined) setCheckpoint(watcherId, checkpoint);
    },
    read: (watcherId) =>
      defer(() => of([...(deadLetters.get(watcherId)?.values() ?? [])].sort((a, b) => a.seqNum - b.seqNum))),
    async delete(watcherId, seqNum) {
      assertOutside();
      deleteNow(watcherId, seqNum);
    },
  };
}

/** Creates a log in an array, the reference model of an engine. Every write takes effect within the call. */
export function createMemoryEventLog(): EventLog {
  const checkpoints = new Map<string, number>();
  const appended$ = new Subject<undefined>();
  const seqNumById = new Map<string, number>();
  let records: StoredRecord[] = [];
  /** Records of the current append or transaction, which readers do not see yet. */
  let added: StoredRecord[] = [];
  let latest = 0;
  let lastTimestamp = 0;
  /** Whether the work of a transaction is being called. */
  let isInWork = false;

  const assertOutside = () => assertOutsideTransaction(isInWork);
  const leases = createMemoryLeases(assertOutside);

  const bounds = () => ({ oldest: records[0]?.seqNum ?? latest + 1, latest });
  const recordOf = (seqNum: number): StoredRecord | undefined => records[seqNum - bounds().oldest];

  /** Returns the held records with the ids of new records, by the index of the new record. */
  const findDuplicates = (newRecords: readonly NewRecord[]): ReadonlyMap<number, StoredRecord> => {
    const duplicates = new Map<number, StoredRecord>();
    for (const [index, record] of newRecords.entries()) {
      const seqNum = record.id === undefined ? undefined : seqNumById.get(record.id);
      const held = seqNum === undefined ? undefined : (recordOf(seqNum) ?? added[seqNum - latest - 1]);
      if (held === undefined) continue;
      assertDuplicate(held, record, held.seqNum);
      duplicates.set(index, held);
    }
    return duplicates;
  };
  const add = (record: StoredRecord): void => {
    added.push(record);
    if (record.id !== undefined) seqNumById.set(record.id, record.seqNum);
  };
  const append = (newRecords: readonly NewRecord[], now: number): AppendResult => {
    const duplicates = findDuplicates(newRecords);
    const timestamp = Math.max(now, lastTimestamp, added.at(-1)?.timestamp ?? lastTimestamp);
    const nextSeqNum = () => latest + added.length + 1;
    const result = { firstSeqNum: nextSeqNum(), timestamp };
    const seqNums = newRecords.map((record, index) => {
      const duplicate = duplicates.get(index);
      if (duplicate !== undefined) return duplicate.seqNum;
      const seqNum = nextSeqNum();
      add({ seqNum, timestamp, ...record });
      return seqNum;
    });
    return duplicates.size === 0 ? result : { ...result, seqNums, duplicates };
  };
  const commit = (): void => {
    const last = added.at(-1);
    if (last === undefined) return;
    for (const record of added) records.push(record);
    ({ seqNum: latest, timestamp: lastTimestamp } = last);
    added = [];
    appended$.next(undefined);
  };
  const rollBack = (): void => {
    for (const { id } of added) if (id !== undefined) seqNumById.delete(id);
    added = [];
  };

  const deadLetters = createMemoryDeadLetters(
    assertOutside,
    recordOf,
    (watcherId, seqNum) => checkpoints.set(watcherId, seqNum),
    leases.check,
  );

  return {
    appended$,

    async append(newRecords, now) {
      assertOutside();
      const result = append(newRecords, now);
      commit();
      return result;
    },

    async importRecords(after, imported) {
      assertOutside();
      if (latest > 0 && after !== latest) return false;
      latest = after;
      for (const record of imported) add(record);
      commit();
      return true;
    },

    transact(work) {
      assertOutside();
      const writes: (() => void)[] = [];
      isInWork = true;
      try {
        const result = work({
          append,
          storeCheckpoint(watcherId, seqNum, fence) {
            leases.check(watcherId, fence);
            writes.push(() => checkpoints.set(watcherId, seqNum));
          },
          deleteDeadLetter(watcherId, seqNum, fence) {
            leases.check(watcherId, fence);
            writes.push(() => deadLetters.deleteNow(watcherId, seqNum));
          },
        });
        for (const write of writes) write();
        isInWork = false;
        commit();
        return result;
      } finally {
        isInWork = false;
        rollBack();
      }
    },

    read: ({ after, filter, maxScanned, limit, maxBytes }) =>
      defer(() => {
        const { oldest } = bounds();
        const matching: StoredRecord[] = [];
        const start = Math.max(after, oldest - 1);
        let lastScannedSeqNum = start;
        let bytes = 0;
        for (let index = start + 1 - oldest; index < records.length; index++) {
          if (lastScannedSeqNum - start >= maxScanned || matching.length >= limit || bytes >= maxBytes) break;
          const record = records[index] as StoredRecord;
          lastScannedSeqNum = record.seqNum;
          if (!matches(filter, record.operation, record.objectType, record.key)) continue;
          matching.push(record);
          bytes += record.payload.length;
        }
        return of({ records: matching, lastScannedSeqNum, oldest, latest });
      }),

    bounds: () => defer(() => of(bounds())),

    seqNumForTimestamp: (timestamp) =>
      defer(() => of(records.find((record) => record.timestamp >= timestamp)?.seqNum ?? latest + 1)),

    async trim({ maxSeqNum, maxTimestamp, respectCheckpoints, lowWatermark, maxRecords }) {
      assertOutside();
      const bound = Math.min(maxSeqNum, lowWatermark?.() ?? maxSeqNum);
      const last = respectCheckpoints ? lowestOf(checkpoints.values(), bound) : bound;
      const count = records.findIndex(({ seqNum, timestamp }) => seqNum > last || timestamp > maxTimestamp);
      const deleted = Math.min(count === -1 ? records.length : count, maxRecords);
      for (const { id, seqNum } of records.slice(0, deleted)) {
        if (id !== undefined && seqNumById.get(id) === seqNum) seqNumById.delete(id);
      }
      records = records.slice(deleted);
      return { deleted, oldest: bounds().oldest };
    },

    bytes: () => defer(() => of(records.reduce((sum, { payload }) => sum + payload.length, 0))),

    storeCheckpoint(watcherId, seqNum, fence) {
      assertOutside();
      leases.check(watcherId, fence);
      checkpoints.set(watcherId, seqNum);
    },
    getCheckpoint: (watcherId) => defer(() => of(checkpoints.get(watcherId))),
    checkpoints: () => defer(() => of(new Map(checkpoints))),
    async deleteCheckpoint(watcherId) {
      assertOutside();
      checkpoints.delete(watcherId);
    },

    deadLetters,
    leases,

    async close() {
      records = [];
      seqNumById.clear();
      checkpoints.clear();
    },
  };
}
