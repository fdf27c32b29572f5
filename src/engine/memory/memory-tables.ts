import { defer, of, Subject } from 'rxjs';
import { LeaseLostError } from '../../errors.ts';
import type { DeadLetterRecord, DeadLetterTable } from '../contract/dead-letter-table.ts';
import type { Lease, LeaseTable } from '../contract/lease-table.ts';
import type { StoredRecord } from '../contract/record.ts';
import type { ReportTable } from '../contract/report-table.ts';

export interface MemoryLeases extends LeaseTable {
  /**
   * Checks the fencing token of a write; `undefined` is always accepted.
   *
   * @throws {@link LeaseLostError} if the token is not the newest one of the watcher.
   */
  check(watcherId: string, fence: number | undefined): void;
}

/**
 * Creates an empty lease table.
 *
 * @param assertOutside - Throws if a work function is running.
 */
export function createMemoryLeases(assertOutside: () => void): MemoryLeases {
  const leases = new Map<string, Lease>();
  const released$ = new Subject<void>();
  return {
    released$,
    get: (watcherId) => defer(() => of(leases.get(watcherId))),
    all: () => defer(() => of(new Map(leases))),
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

export interface MemoryDeadLetters extends DeadLetterTable {
  /** Deletes a dead letter synchronously, for example during the commit of a transaction. */
  deleteNow(watcherId: string, seqNum: number): void;
}

/**
 * Creates an empty dead letter table.
 *
 * @param assertOutside - Throws if a work function is running.
 * @param recordOf - Returns the record of which a dead letter stores a copy; `undefined` if the log no longer holds it.
 */
export function createMemoryDeadLetters(
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
    store({ watcherId, seqNum, details, checkpoint, fence, partitionId = watcherId }) {
      assertOutside();
      checkFence(partitionId, fence);
      const ofWatcher = deadLetters.get(watcherId) ?? new Map<number, DeadLetterRecord>();
      const record = recordOf(seqNum) ?? ofWatcher.get(seqNum)?.record;
      deadLetters.set(watcherId, ofWatcher.set(seqNum, { seqNum, details, ...(record && { record }) }));
      if (checkpoint !== undefined) setCheckpoint(partitionId, checkpoint);
    },
    read: (watcherId) =>
      defer(() => {
        const found =
          watcherId === undefined
            ? [...deadLetters.values()]
            : [deadLetters.get(watcherId) ?? new Map<number, DeadLetterRecord>()];
        const records = found.flatMap((ofWatcher) => [...ofWatcher.values()]);
        return of(records.sort((a, b) => a.seqNum - b.seqNum));
      }),
    count: (watcherIds) =>
      defer(() => {
        const total = [...deadLetters.values()].reduce((sum, { size }) => sum + size, 0);
        return of({ total, ofWatchers: watcherIds.map((id) => deadLetters.get(id)?.size ?? 0) });
      }),
    async delete(watcherId, seqNum) {
      assertOutside();
      deleteNow(watcherId, seqNum);
    },
  };
}

export function createMemoryReports(): ReportTable {
  const reports = new Map<string, Uint8Array>();
  return {
    store: (managerId, report) => void reports.set(managerId, report),
    read: () => defer(() => of(new Map(reports))),
    delete: (managerId) => void reports.delete(managerId),
  };
}
