import * as t from 'io-ts';
import { type Observable, Subject } from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { inOwnContext } from '../../scheduling/call-context.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Lag } from '../../store/monitoring/backlog.ts';
import type { ReportedWatcher } from '../../store/monitoring/manager-reports.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { check } from '../../validation/check.ts';
import { fn } from '../../validation/types.ts';
import type { ResolvedLeaseOptions } from '../lease/lease-options.ts';
import { leaseOwnership, soleOwnership } from '../lease/ownership.ts';
import type { HandlerSlots } from '../partitions/handler-slots.ts';
import { handlerOf, type ResolvedWatchOptions } from '../watch-options.ts';
import { storeCheckpoint } from './checkpoint-command.ts';
import { type RedriveOptions, redriveExclusively } from './redrive-command.ts';
import { createSeekCommand, type SeekCommand } from './seek-command.ts';
import { resolveStopTimeout, type StopOptions, type Watcher, type WatcherStats } from './watcher.ts';
import type { WatcherChange, WatcherContext } from './watcher-context.ts';
import { WatcherLifecycle } from './watcher-lifecycle.ts';
import { caughtUpOf, processedOf, statsOf } from './watcher-observables.ts';
import { type PartitionIdentity, WatcherProgress } from './watcher-progress.ts';

const Handler = t.type({ handler: fn });

/** Watcher, with the members that only its manager uses. */
export interface ManagedWatcher<E extends Event = Event> extends Watcher<E> {
  /**
   * Rejects every further command, stops the watcher, and completes its Observables.
   *
   * @param onRemoved - Called when the run and the redrive have ended. If `remove` is called from inside the handler, this
   *   is after the returned Promise has resolved.
   */
  remove(onRemoved: () => void): Promise<void>;
  /** Current state, as in `stats()`. */
  readonly state: WatcherState;
  /** Returns whether the watcher has processed an event and every event before it since its last start in this process. */
  hasProcessedUpTo(seqNum: number): boolean;
  /** Returns the id, the state and the last error of the watcher, for the report of its manager. */
  reported(): ReportedWatcher;
  /** Emits the current number of events after the checkpoint, and the age of the oldest of these events. */
  readLag(): Observable<Lag>;
  /** Redrives dead letters. The run is paused during the redrive. */
  redrive(options: RedriveOptions): Promise<readonly Outcome<E>[]>;
}

/** Parts that a manager gives to each of its watchers. */
export interface ManagerParts<E extends Event = Event> {
  /** Options of leases; `undefined` if the manager runs its watchers without leases. */
  readonly lease: ResolvedLeaseOptions | undefined;
  /** Called after each change of the state of a watcher. */
  readonly onStateChange: (state: WatcherState, before: WatcherState) => void;
  /** Parts of a watcher with partitions, if the created watcher is one of its partitions. */
  readonly partition?: PartitionParts<E>;
}

/** Parts that a watcher with partitions gives to each partition. */
export interface PartitionParts<E extends Event> extends PartitionIdentity {
  /** Changes of state of all partitions. Completed by the watcher with partitions, and not by a partition. */
  readonly stateChanged$: Subject<void>;
  /** Other changes of all partitions. Completed by the watcher with partitions, and not by a partition. */
  readonly changed$: Subject<WatcherChange>;
  /** Outcomes of all partitions. Completed by the watcher with partitions, and not by a partition. */
  readonly outcomes$: Subject<Outcome<E>>;
  /** Slots that limit the attempts of all partitions together. */
  readonly slots: HandlerSlots;
  /** Returns the time for which the lease of the partition is known to have a revision, in milliseconds. */
  readonly unchangedFor: (revision: number) => number;
}

/** Creates a watcher in state `idle`. The options must be valid. */
export function createManagedWatcher<E extends Event>(
  store: EventStore<E>,
  watcherId: string,
  options: ResolvedWatchOptions<E>,
  { lease, onStateChange, partition }: ManagerParts<E>,
): ManagedWatcher<E> {
  const scheduler = options.scheduler ?? store.internals.scheduler;
  const progress = new WatcherProgress<E>(watcherId, store, options, () => scheduler.now(), partition);
  const stateChanged$ = partition?.stateChanged$ ?? new Subject<void>();
  const changed$ = partition?.changed$ ?? new Subject<WatcherChange>();
  const outcomes$ = partition?.outcomes$ ?? new Subject<Outcome<E>>();
  const { log, checkpoints } = progress;
  const onFailure = (error: unknown) => {
    progress.failed(error);
    changed$.next('count');
  };
  const { leases } = store.internals;
  const ownership =
    lease === undefined || leases === undefined
      ? soleOwnership({ store, watcherId, options, log })
      : leaseOwnership<E>({
          ...lease,
          watcherId,
          store,
          leases,
          scheduler,
          onFailure,
          log,
          unchangedFor: partition?.unchangedFor,
        });
  const context: WatcherContext<E> = {
    watcherId,
    store,
    options,
    scheduler,
    ownership,
    progress,
    checkpoints,
    cutOff: new Map(),
    slots: partition?.slots,
    onStateChange,
    stateChanged$,
    changed$,
    outcomes$,
  };
  const lifecycle = new WatcherLifecycle<E>(context, handlerOf(options));
  // Each of these parts is created at its first use, because a program can have thousands of idle watchers.
  let seekCommand: SeekCommand | undefined;
  let ownOutcomes$: Observable<Outcome<E>> | undefined;
  let stats$: Observable<WatcherStats> | undefined;
  let caughtUp$: Observable<boolean> | undefined;

  const stats = () => progress.stats();
  const stop = async (stopOptions?: StopOptions): Promise<void> => {
    const timeout = resolveStopTimeout(stopOptions);
    seekCommand?.onStop();
    if (progress.state === 'idle') lifecycle.enter('stopped');
    await lifecycle.stop(timeout);
  };

  return {
    id: watcherId,
    get outcomes$() {
      ownOutcomes$ ??= inOwnContext(outcomes$);
      return ownOutcomes$;
    },
    get stats$() {
      stats$ ??= inOwnContext(statsOf({ stats, stateChanged$, changed$, scheduler }));
      return stats$;
    },
    get caughtUp$() {
      caughtUp$ ??= inOwnContext(caughtUpOf(context));
      return caughtUp$;
    },
    whenProcessed: (seqNum) => inOwnContext(processedOf(context, seqNum)),
    hasProcessedUpTo: (seqNum) => progress.hasProcessedUpTo(seqNum),
    stats,

    setHandler(handler) {
      lifecycle.assertAllowed('setHandler');
      check(Handler, { handler }, (faults) => new InvalidOptionsError('handler of a watcher', faults));
      lifecycle.handler = { kind: 'event', handle: handler };
    },

    start() {
      lifecycle.requireHandler();
      lifecycle.assertAllowed('start');
      lifecycle.start();
    },

    stop,

    pause: () => lifecycle.requireRun('pause').pauseSwitch.pause('pause'),
    resume: () => lifecycle.requireRun('resume').pauseSwitch.resume('pause'),

    async checkpoint(seqNum) {
      lifecycle.assertAllowed('checkpoint');
      await storeCheckpoint(context, seqNum);
      changed$.next('count');
    },

    async seek(target) {
      lifecycle.assertAllowed('seek');
      lifecycle.requireHandler();
      seekCommand ??= createSeekCommand(context, lifecycle);
      await seekCommand.seek(target);
    },

    get state() {
      return progress.state;
    },
    reported: () => progress.reported(),
    readLag: () => progress.readLag(),

    redrive: (redriveOptions) => redriveExclusively(context, lifecycle, redriveOptions),

    async remove(onRemoved) {
      lifecycle.isRemoved = true;
      try {
        await stop();
      } catch (error) {
        lifecycle.isRemoved = false;
        throw error;
      }
      lifecycle.afterEnd(() => {
        onRemoved();
        if (partition !== undefined) return;
        log.removed();
        outcomes$.complete();
        stateChanged$.complete();
        changed$.complete();
      });
    },
  };
}
