import { defer, of, Subject } from 'rxjs';
import { matches } from '../../event/event-filter.ts';
import { lowestOf } from '../../store/retention/retention-policy.ts';
import { assertDuplicate } from '../contract/assert-duplicate.ts';
import type { AppendResult, EventLog } from '../contract/event-log.ts';
import { assertOutsideTransaction } from '../contract/outside-transactions.ts';
import type { NewRecord, StoredRecord } from '../contract/record.ts';
import { createMemoryDeadLetters, createMemoryLeases, createMemoryReports } from './memory-tables.ts';

/**
 * Creates a log that keeps its records in an array. It is the reference for other engines. A write takes effect within the
 * call.
 */
export function createMemoryEventLog(): EventLog {
  const checkpoints = new Map<string, number>();
  const appended$ = new Subject<undefined>();
  const seqNumById = new Map<string, number>();
  let records: StoredRecord[] = [];
  /** Records of the current append or transaction, which readers do not see yet. */
  let added: StoredRecord[] = [];
  let latest = 0;
  let lastTimestamp = 0;
  /** Whether a work function is running. */
  let isInWork = false;

  const assertOutside = () => assertOutsideTransaction(isInWork);
  const leases = createMemoryLeases(assertOutside);

  const bounds = () => ({ oldest: records[0]?.seqNum ?? latest + 1, latest });
  const recordOf = (seqNum: number): StoredRecord | undefined => records[seqNum - bounds().oldest];

  /** Returns the held records that have the id of a new record, by the index of the new record. */
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
    engine: 'memory',
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
          deleteDeadLetter(watcherId, seqNum, fence, partitionId = watcherId) {
            leases.check(partitionId, fence);
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
    reports: createMemoryReports(),

    async close() {
      records = [];
      seqNumById.clear();
      checkpoints.clear();
    },
  };
}
