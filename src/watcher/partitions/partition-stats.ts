import { map, type Observable, switchMap } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { type EventIterator, seqNumBefore } from '../../event/event-iterator.ts';
import { type Lag, lagOf } from '../../store/monitoring/backlog.ts';
import type { ReportedWatcher } from '../../store/monitoring/manager-reports.ts';
import type { PartitionStats, WatcherStats } from '../managed/watcher.ts';
import { lastErrorOf } from '../managed/watcher-progress.ts';
import { readCheckpoints } from './partition-checkpoints.ts';
import type { PartitionGroup } from './partition-group.ts';

const positionOf = (iterator: EventIterator): number =>
  iterator.type === 'latest' ? Number.POSITIVE_INFINITY : seqNumBefore(iterator);

/** Returns the element with the lowest rank. The list must not be empty. */
const lowestBy = <T>(list: readonly T[], rankOf: (element: T) => number): T =>
  list.reduce((lowest, next) => (rankOf(next) < rankOf(lowest) ? next : lowest));

const newest = (dates: readonly (Date | undefined)[]): Date | undefined => {
  const times = dates.flatMap((date) => (date === undefined ? [] : [date.getTime()]));
  return times.length === 0 ? undefined : new Date(Math.max(...times));
};

/** Returns the statistics of the whole watcher, including the statistics of each partition. */
export function groupStats<E extends Event>(group: PartitionGroup<E>): WatcherStats {
  const { context, state, isStarted, holders, lastError } = group;
  const partitions = group.partitions.map((partition, index): PartitionStats => {
    const { id: _id, ...stats } = partition.stats();
    // The last plan can be older than the start of a partition, so the partitions of this process are not taken from the
    // plan.
    const owner = group.isOwned(index) ? context.sharing?.owner : holders[index];
    return {
      ...stats,
      index,
      ...(isStarted && !group.isOwned(index) && { state: 'standby' }),
      ...(owner !== undefined && { owner }),
    };
  });
  const sum = (count: 'handled' | 'skipped' | 'retries') =>
    partitions.reduce((total, stats) => total + stats[count], 0);
  const owned = partitions.filter(({ index }) => group.isOwned(index));
  const last = lowestBy(partitions, ({ lastProcessedSeqNum }) => -lastProcessedSeqNum);
  const lastListenTime = newest(partitions.map((stats) => stats.lastListenTime));
  const slowest = lowestBy(partitions, ({ checkpointIterator }) => positionOf(checkpointIterator));
  const reading =
    owned.length === 0 ? slowest : lowestBy(owned, (stats) => positionOf(stats.nextEventIterator));
  return {
    id: context.watcherId,
    state,
    nextEventIterator: reading.nextEventIterator,
    checkpointIterator: slowest.checkpointIterator,
    lastProcessedSeqNum: last.lastProcessedSeqNum,
    ...(last.lastProcessedEventTime && { lastProcessedEventTime: last.lastProcessedEventTime }),
    ...(lastListenTime && { lastListenTime }),
    handled: sum('handled'),
    skipped: sum('skipped'),
    retries: sum('retries'),
    lag: Math.max(...partitions.map(({ lag }) => lag)),
    lagTime: Math.max(...partitions.map(({ lagTime }) => lagTime)),
    ...(lastError && { lastError }),
    partitions,
  };
}

/** Returns the entry of the watcher in the report of its manager. */
export function groupReport<E extends Event>(group: PartitionGroup<E>): ReportedWatcher {
  const { watcherId, count } = group.context;
  return {
    id: watcherId,
    state: group.state,
    ...lastErrorOf(group.lastError),
    partitions: { count, owned: group.owned },
  };
}

/** Emits the lag of the watcher: the lag after the lowest checkpoint of its partitions. */
export function groupLag<E extends Event>(group: PartitionGroup<E>): Observable<Lag> {
  const { context } = group;
  const { store, scheduler, options } = context;
  const initial = seqNumBefore(options.initialEventIterator);
  return readCheckpoints(context, [...group.partitions.keys()]).pipe(
    switchMap((checkpoints) => {
      const lowest = Math.min(...[...checkpoints.values()].map((checkpoint) => checkpoint ?? initial));
      return store.internals.backlog(lowest).pipe(map((backlog) => lagOf(backlog, lowest, scheduler.now())));
    }),
  );
}
