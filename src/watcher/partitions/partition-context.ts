import { randomUUID } from 'node:crypto';
import type { SchedulerLike } from 'rxjs';
import type { LeaseTable } from '../../engine/contract/lease-table.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import { memberId, partitionId } from '../../store/partition-id.ts';
import type { LeaseContext, ResolvedLeaseOptions } from '../lease/lease-options.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { WatcherLog } from '../watcher-log.ts';
import { LeaseObserver } from './lease-observer.ts';
import { LeaseReader } from './lease-reader.ts';

/** Watcher with partitions, and its dependencies. */
export interface PartitionContext<E extends Event = Event> {
  readonly watcherId: string;
  /** Number of partitions. */
  readonly count: number;
  readonly store: EventStore<E>;
  readonly options: ResolvedWatchOptions<E>;
  readonly scheduler: SchedulerLike;
  /** Leases by which several processes share the partitions; `undefined` if one process handles all partitions. */
  readonly sharing: PartitionSharing | undefined;
  /** Called with each failure of the store. */
  readonly onFailure: (error: unknown) => void;
}

/** Options and readers of the leases of a watcher with partitions. */
export interface PartitionSharing extends ResolvedLeaseOptions {
  readonly leases: LeaseTable;
  readonly observer: LeaseObserver;
  readonly reader: LeaseReader;
}

/** Context of a watcher with partitions and leases. */
export type SharedPartitionContext<E extends Event = Event> = PartitionContext<E> & {
  readonly sharing: PartitionSharing;
};

/**
 * Creates the context of a watcher with partitions.
 *
 * @param lease - Options of leases; `undefined` if the manager runs its watchers without leases.
 */
export function createPartitionContext<E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  options: ResolvedWatchOptions<E> & { readonly partitions: number },
  lease: ResolvedLeaseOptions | undefined,
  onFailure: PartitionContext['onFailure'],
): PartitionContext<E> {
  const { leases } = store.internals;
  const { partitions: count, scheduler = store.internals.scheduler } = options;
  const createSharing = (table: LeaseTable, { duration, owner }: ResolvedLeaseOptions): PartitionSharing => {
    const ids = Array.from({ length: count }, (_, index) => partitionId(watcherId, index, count));
    return {
      duration,
      // The random part makes the owner unique, because several managers can have the same owner, and a restarted process can
      // have the same host and process id.
      owner: `${owner} (${randomUUID().slice(0, 8)})`,
      leases: table,
      observer: new LeaseObserver(duration, scheduler),
      reader: new LeaseReader(table, watcherId, ids),
    };
  };
  const sharing = lease && leases && createSharing(leases, lease);
  return { watcherId, count, store, options, scheduler, sharing, onFailure };
}

/** Returns the id of a partition, for example `mailer [3/16]`. */
export const idOfPartition = (
  { watcherId, count }: Pick<PartitionContext, 'watcherId' | 'count'>,
  index: number,
): string => partitionId(watcherId, index, count);

/** @param id - Id of the partition or of the member, under which the lease is stored. */
export function leaseContext<E extends Event>(
  { store, options, scheduler, sharing, onFailure }: SharedPartitionContext<E>,
  id: string,
): LeaseContext {
  const { leases, observer, duration, owner } = sharing;
  return {
    watcherId: id,
    leases,
    duration,
    owner,
    scheduler,
    onFailure,
    log: new WatcherLog(id, store.internals.logger, options, () => scheduler.now()),
    unchangedFor: (revision) => observer.unchangedFor(id, revision),
  };
}

export const memberContext = <E extends Event>(
  context: SharedPartitionContext<E>,
  slot: number,
): LeaseContext => leaseContext(context, memberId(context.watcherId, slot));
