import {
  catchError,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  Subject,
  switchMap,
  tap,
} from 'rxjs';
import type { Lease } from '../../engine/contract/lease-table.ts';
import type { Event } from '../../event/event.ts';
import { coalescedReads } from '../../scheduling/coalesced-reads.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import { isMemberId } from '../../store/partition-id.ts';
import { assignPartitions } from './assign-partitions.ts';
import { idOfPartition, type SharedPartitionContext } from './partition-context.ts';

/** Number of reads of the leases within one duration of a lease. */
const READS = 3;

/** Partitions of a watcher, according to one read of the leases by a process. */
export interface PartitionPlan {
  /** Indices of the partitions that this process should handle. */
  readonly own: ReadonlySet<number>;
  /** Holder of each partition, by index; `undefined` if the partition is free. */
  readonly holders: readonly (string | undefined)[];
}

/** Returns the plan of a process; `undefined` if the leases do not show this process as a member yet. */
function planOf<E extends Event>(
  context: SharedPartitionContext<E>,
  all: ReadonlyMap<string, Lease>,
): PartitionPlan | undefined {
  const { watcherId, count, sharing } = context;
  const { observer, owner } = sharing;
  const holderOf = (id: string): string | undefined => {
    const lease = all.get(id);
    return lease !== undefined && observer.isHeld(id, lease) ? lease.owner : undefined;
  };
  const owners = [...all.keys()]
    .filter((id) => isMemberId(id, watcherId))
    .map(holderOf)
    .filter((member) => member !== undefined);
  // A member that could not renew its lease in time joins again in another slot. Until its first lease expires, it holds the
  // leases of two slots.
  const members = [...new Set(owners)];
  if (!members.includes(owner)) return undefined;
  const holders = Array.from({ length: count }, (_, index) => holderOf(idOfPartition(context, index)));
  const own = new Set(
    assignPartitions(holders, members).flatMap((member, index) => (member === owner ? [index] : [])),
  );
  return { own, holders };
}

/** Returns the time until the first lease of another process expires, in milliseconds, if no lease changes. */
function untilExpiry(
  { sharing }: Pick<SharedPartitionContext, 'sharing'>,
  all: ReadonlyMap<string, Lease>,
): number {
  const { observer, owner, duration } = sharing;
  const waits = [...all].flatMap(([id, lease]) => {
    if (lease.owner === undefined || lease.owner === owner) return [];
    const wait = duration - observer.unchangedFor(id, lease.revision);
    return wait > 0 ? [wait] : [];
  });
  return Math.min(duration, ...waits);
}

/**
 * Emits the plan of a member, after each read of the leases. The leases are read at the subscription, at an interval, when a
 * lease is released, and when a lease can have expired.
 */
export const partitionPlans = <E extends Event>(
  context: SharedPartitionContext<E>,
): Observable<PartitionPlan> =>
  defer(() => {
    const { scheduler, sharing, onFailure } = context;
    const { leases, reader, duration } = sharing;
    const expired$ = new Subject<unknown>();
    const read = defer(() => reader.read()).pipe(
      catchError((error) => {
        onFailure(error);
        return EMPTY;
      }),
    );
    const requests$ = merge(
      of(undefined),
      leases.released$,
      unrefInterval(duration / READS, scheduler),
      expired$,
    );
    return coalescedReads(requests$, read).pipe(
      map((all) => ({ all, plan: planOf(context, all) })),
      switchMap(({ all, plan }) => {
        const next$ = defer(() => unrefTimer(untilExpiry(context, all), scheduler)).pipe(
          tap({ next: (at) => expired$.next(at) }),
          ignoreElements(),
        );
        return merge(of(plan), next$);
      }),
      filter((plan) => plan !== undefined),
    );
  });
