import type { Observable } from 'rxjs';
import { CheckpointError, InvalidStateError, NoHandlerError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { inOwnContext } from '../../scheduling/call-context.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { ManagedWatcher, ManagerParts } from '../managed/managed-watcher.ts';
import { resolveStopTimeout, type StopOptions, type WatcherStats } from '../managed/watcher.ts';
import { statsOf } from '../managed/watcher-observables.ts';
import { assertTransition, type WatcherCommand } from '../managed/watcher-transitions.ts';
import { handlerOf, type ResolvedWatchOptions } from '../watch-options.ts';
import { redrivePartitions, seekPartitions } from './partition-commands.ts';
import { PartitionGroup } from './partition-group.ts';
import { groupCaughtUp, groupProcessed } from './partition-observables.ts';
import { groupLag, groupReport, groupStats } from './partition-stats.ts';

/** Creates a watcher with partitions, in the state `idle`. The options must be valid. */
export function createPartitionedWatcher<E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  options: ResolvedWatchOptions<E> & { readonly partitions: number },
  parts: ManagerParts,
): ManagedWatcher<E> {
  const group = new PartitionGroup<E>(store, watcherId, options, parts);
  const { partitions, stateChanged$, changed$, outcomes$, log, context } = group;
  let hasHandler = handlerOf(options) !== undefined;
  let isRemoved = false;
  /**
   * Number of calls of `stop` and `seek`. A seek is cancelled if the number changes before the seek moves the partitions.
   */
  let calls = 0;
  let ownOutcomes$: Observable<Outcome<E>> | undefined;
  let stats$: Observable<WatcherStats> | undefined;
  let caughtUp$: Observable<boolean> | undefined;

  const assertAllowed = (command: WatcherCommand): void =>
    assertTransition(watcherId, command, isRemoved ? 'removed' : group.state, hasHandler);
  const requireHandler = (): void => {
    if (!hasHandler) throw new NoHandlerError(watcherId);
  };
  const stats = () => groupStats(group);
  const stop = async (stopOptions?: StopOptions): Promise<void> => {
    const timeout = resolveStopTimeout(stopOptions);
    calls++;
    await group.stop(timeout);
  };

  return {
    id: watcherId,
    get state() {
      return group.state;
    },
    get outcomes$() {
      ownOutcomes$ ??= inOwnContext(outcomes$);
      return ownOutcomes$;
    },
    get stats$() {
      stats$ ??= inOwnContext(statsOf({ stats, stateChanged$, changed$, scheduler: context.scheduler }));
      return stats$;
    },
    get caughtUp$() {
      caughtUp$ ??= inOwnContext(groupCaughtUp(group));
      return caughtUp$;
    },
    whenProcessed: (seqNum) => inOwnContext(groupProcessed(group, seqNum)),
    hasProcessedUpTo: (seqNum) => partitions.every((partition) => partition.hasProcessedUpTo(seqNum)),
    stats,

    setHandler(handler) {
      assertAllowed('setHandler');
      for (const partition of partitions) partition.setHandler(handler);
      hasHandler = true;
    },

    start() {
      requireHandler();
      assertAllowed('start');
      group.start();
    },

    stop,

    pause() {
      assertAllowed('pause');
      group.pause();
    },
    resume() {
      assertAllowed('resume');
      group.resume();
    },

    async checkpoint() {
      assertAllowed('checkpoint');
      throw new CheckpointError(
        watcherId,
        'cannot be stored: the watcher has partitions, and each partition stores its own checkpoint',
      );
    },

    async seek(target) {
      assertAllowed('seek');
      requireHandler();
      const call = ++calls;
      await seekPartitions(group, target, () => call === calls);
    },

    reported: () => groupReport(group),
    readLag: () => groupLag(group),

    async redrive(redriveOptions) {
      requireHandler();
      if (isRemoved) throw new InvalidStateError(watcherId, 'redrive', 'removed');
      return redrivePartitions(group, redriveOptions);
    },

    async remove(onRemoved) {
      isRemoved = true;
      try {
        await stop();
      } catch (error) {
        isRemoved = false;
        throw error;
      }
      let remaining = partitions.length;
      const onPartitionRemoved = () => {
        if (--remaining > 0) return;
        onRemoved();
        log.removed();
        outcomes$.complete();
        stateChanged$.complete();
        changed$.complete();
      };
      await Promise.all(partitions.map((partition) => partition.remove(onPartitionRemoved)));
    },
  };
}
