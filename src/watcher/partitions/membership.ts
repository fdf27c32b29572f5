import {
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  map,
  type Observable,
  repeat,
  retry,
  switchMap,
  takeWhile,
} from 'rxjs';
import type { Lease } from '../../engine/contract/lease-table.ts';
import type { Event } from '../../event/event.ts';
import { unrefTimer } from '../../scheduling/unref-timers.ts';
import { memberId } from '../../store/partition-id.ts';
import { createLeaseElector } from '../lease/lease-elector.ts';
import { memberContext, type SharedPartitionContext } from './partition-context.ts';

/** Number of attempts to read the leases within one duration of a lease, after a failed read. */
const RETRIES = 3;

/** Membership of this process in a watcher with partitions. Other processes detect a member by its lease. */
export interface Membership {
  /**
   * Emits whether this process is a member, after each change. The process is a member while there is a subscriber, and
   * leaves when the subscriber unsubscribes. A process that has lost its lease joins again.
   */
  readonly isMember$: Observable<boolean>;
  /** Completes when the release of the last lease of this process as a member is stored. */
  readonly left$: Observable<never>;
}

/**
 * Creates the membership of a process. A member holds the lease of a slot, for example `mailer [member 0]`. Later members use
 * the slots of earlier members again, because a lease table keeps each id forever.
 */
export function createMembership<E extends Event>(context: SharedPartitionContext<E>): Membership {
  const { watcherId, scheduler, sharing, onFailure } = context;
  const { reader, observer, duration } = sharing;
  let left$: Observable<never> = EMPTY;

  const firstFreeSlot = (all: ReadonlyMap<string, Lease>): number => {
    for (let slot = 0; ; slot++) {
      const id = memberId(watcherId, slot);
      const lease = all.get(id);
      if (lease === undefined || !observer.isHeld(id, lease)) return slot;
    }
  };
  const join = (slot: number): Observable<boolean> => {
    const { leases$, released$ } = createLeaseElector(memberContext(context, slot));
    left$ = released$;
    return leases$.pipe(
      takeWhile((lease) => lease !== undefined),
      map(() => true),
      endWith(false),
    );
  };
  const isMember$ = defer(() => reader.readMembers()).pipe(
    switchMap((all) => join(firstFreeSlot(all))),
    retry({
      delay(error) {
        onFailure(error);
        return unrefTimer(duration / RETRIES, scheduler);
      },
    }),
    // The process joins again if another process has taken the slot first, or if the lease was lost.
    repeat(),
    distinctUntilChanged(),
  );
  return { isMember$, left$: defer(() => left$) };
}
