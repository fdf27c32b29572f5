import { defer, of, Subject } from 'rxjs';
import { LeaseLostError } from '../../errors.ts';
import { doneAtOnce } from '../../flow/done-at-once.ts';
import type { Lease, LeaseLog } from '../../store/lease-log.ts';

/** Leases in a map. */
export interface MemoryLeases extends LeaseLog {
  /**
   * Refuses a write under a token that is no longer the newest.
   *
   * @throws LeaseLostError
   */
  check(watcherId: string, fence: number | undefined): void;
}

/** Makes them, empty. */
export function createMemoryLeases(): MemoryLeases {
  const leases = new Map<string, Lease>();
  const released$ = new Subject<void>();
  return {
    released$,
    get: (watcherId) => defer(() => of(leases.get(watcherId))),
    store(watcherId, draft, revision) {
      if ((leases.get(watcherId)?.revision ?? 0) !== revision) return doneAtOnce(undefined);
      leases.set(watcherId, { ...draft, revision: revision + 1 });
      if (draft.owner === undefined) released$.next();
      return doneAtOnce<number | undefined>(revision + 1);
    },
    check(watcherId, fence) {
      const token = leases.get(watcherId)?.token;
      if (fence === undefined || fence === token) return;
      throw new LeaseLostError(watcherId, fence, `the newest is ${token ?? 'none'}`);
    },
  };
}
