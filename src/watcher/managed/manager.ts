import { BehaviorSubject, map, type Observable } from 'rxjs';
import {
  type Fault,
  InvalidOptionsError,
  TimeoutError,
  WatcherAlreadyExistsError,
  WatcherNotFoundError,
} from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { inOwnContext } from '../../scheduling/call-context.ts';
import { isRealTime } from '../../scheduling/clock.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';
import { requireStore } from '../../store/require-store.ts';
import { check } from '../../validation/check.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { delay } from '../../validation/types.ts';
import {
  type LeaseOptions,
  LeaseOptionsCodec,
  type ResolvedLeaseOptions,
  resolveLeaseOptions,
} from '../lease/lease-options.ts';
import { createPartitionedWatcher } from '../partitions/partitioned-watcher.ts';
import {
  assertSupported,
  type CreateWatcherOptions,
  checkPartitionIds,
  checkWatcherId,
  hasPartitions,
  resolveCreateWatcherOptions,
} from '../watch-options.ts';
import { type Health, type HealthOptions, healthOf } from './health.ts';
import { createManagedWatcher, type ManagedWatcher } from './managed-watcher.ts';
import { createManagerReporter } from './manager-reporter.ts';
import { type RedriveOptions, RedriveOptionsCodec } from './redrive-command.ts';
import { resolveStopTimeout, type StopOptions, type Watcher } from './watcher.ts';

/** Options of `createManager`. */
export interface ManagerOptions {
  /**
   * Leases by which managers in several processes share watcher ids. For each id, one process runs its watcher, and the
   * watchers of the other processes are in standby. `true` selects the defaults. Default: no leases, each manager runs its
   * watchers.
   *
   * @see [One active watcher](../../../docs/guides/one-active-watcher.md)
   */
  readonly lease?: LeaseOptions | true | undefined;
  /**
   * Time between two reports of the watchers to the store, in milliseconds; 0 turns the reports off. The reports show the
   * watchers to other processes. A change of state is reported at most 100 milliseconds later. A report is written only if
   * it has changed, or has not been written for two intervals. On a scheduler of virtual time, the default is 0, because a
   * test that runs all timers would not end.
   *
   * @defaultValue 10 000
   * @see {@link EventStore.watchers}
   */
  readonly reportInterval?: number | undefined;
}

const ManagerOptionsCodec = optionsCodec('{ lease: true }', {
  lease: LeaseOptionsCodec,
  reportInterval: delay,
});

/** Options with all defaults applied. */
interface ResolvedManagerOptions {
  readonly lease: ResolvedLeaseOptions | undefined;
  readonly reportInterval: number;
}

/**
 * Returns the options of a manager with all defaults applied.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
 * @throws {@link InvalidOptionsError} if `lease` is given and the engine of the store has no leases.
 */
function resolveManagerOptions<E extends Event>(
  store: EventStore<E>,
  options: ManagerOptions,
): ResolvedManagerOptions {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a manager', faults);
  const { scheduler, leases } = store.internals;
  const { lease, reportInterval = isRealTime(scheduler) ? 10_000 : 0 } = check(
    ManagerOptionsCodec,
    options,
    invalid,
  );
  if (lease !== undefined && leases === undefined) {
    throw invalid([{ path: 'lease', message: 'must not be given: the engine of the store has no leases' }]);
  }
  return { lease: lease && resolveLeaseOptions(lease), reportInterval };
}

/** States of watchers that have no run. */
const AT_REST: ReadonlySet<WatcherState> = new Set(['idle', 'stopped', 'failed']);

/** Object that creates the watchers of one store, finds them by their ids, and stops them together. */
export interface Manager<E extends Event = Event> {
  /** Store that was passed to `createManager`. */
  readonly store: EventStore<E>;

  /**
   * Creates a watcher in state `idle`. With `autoStart`, the watcher starts. No handler is called before this call has
   * returned.
   *
   * @throws {@link WatcherAlreadyExistsError} if the manager has a watcher of this id.
   * @throws {@link InvalidOptionsError} if an option or the id is not valid. The error lists all faults.
   * @throws {@link InvalidOptionsError} if there is a `transactionHandler` and the engine has no transactions.
   * @see {@link Manager.remove}
   */
  create(id: string, options?: CreateWatcherOptions<E>): Watcher<E>;

  /**
   * Returns the watcher with an id.
   *
   * @throws {@link WatcherNotFoundError} if the manager has no watcher of this id.
   */
  lookup(id: string): Watcher<E>;

  /** Returns all watchers, in the order of their creation. */
  watchers(): readonly Watcher<E>[];

  /** All watchers; emits the current ones first, then again after each creation and each removal. */
  readonly watchers$: Observable<readonly Watcher<E>[]>;

  /**
   * Stops a watcher and removes it from the manager. Its checkpoint stays in the store, so garbage collection retains the
   * events after the checkpoint. Call `store.deleteCheckpoint` if the watcher is not needed any more.
   *
   * A redrive ends after the current dead letter. A call from inside the handler does not wait for the attempt of that
   * handler. The watcher is removed after this attempt.
   *
   * @throws {@link WatcherNotFoundError} if the manager has no watcher of this id.
   * @throws {@link TimeoutError} if an attempt does not settle within 30 seconds. The watcher is not removed.
   */
  remove(id: string): Promise<void>;

  /**
   * Delivers dead letters to the handler of their watcher again, once each, in the order of their numbers. A dead letter
   * that is handled is deleted. A dead letter that fails again is updated. The run of the watcher is paused during the
   * redrive.
   *
   * A stop, a removal or the close of the store ends the redrive after the current dead letter. The close does not wait for
   * this dead letter. If the handler handles it after the close, the dead letter stays in the store, and the next redrive
   * delivers it again.
   *
   * @returns Outcomes of the delivered dead letters.
   * @throws {@link WatcherNotFoundError} if the manager has no watcher of this id.
   * @throws {@link NoHandlerError} if the watcher has no handler.
   * @throws {@link InvalidOptionsError} if an option is not valid, or a requested dead letter does not exist. In this case, no
   *   dead letter is delivered.
   * @throws {@link InvalidStateError} if the call comes from inside the handler, or a redrive is in progress.
   * @throws {@link InvalidStateError} if another process holds the lease.
   * @throws {@link LeaseLostError} if the lease is lost during the redrive.
   * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs on the store object. In this case, no dead
   *   letter is delivered.
   */
  redrive(id: string, options?: RedriveOptions): Promise<readonly Outcome<E>[]>;

  /**
   * Emits the health of the watchers and of their store once, and completes. Reads the store at the subscription, and never
   * errors: a store that cannot be read is a failed check. A watcher that has failed is a failed check, too.
   *
   * @throws {@link InvalidOptionsError} if an option is not valid. The call itself throws this error.
   * @see [Monitoring](../../../docs/guides/monitoring.md)
   * @example
   * app.get('/health', async (_request, response) => {
   *   const health = await firstValueFrom(manager.health({ maxLagTime: 60_000 }));
   *   response.status(health.status === 'fail' ? 503 : 200).json(health);
   * });
   */
  health(options?: HealthOptions): Observable<Health>;

  /**
   * Stops all watchers concurrently.
   *
   * @throws {@link TimeoutError} if a watcher has not stopped within `timeout`. The error names all these watchers.
   */
  stop(options?: StopOptions): Promise<void>;

  /** Stops all watchers, as `stop` does, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a manager of watchers on a store.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
 * @throws {@link InvalidOptionsError} if `lease` is given and the engine of the store has no leases.
 * @see {@link watch} for a watcher without a manager.
 * @example
 * const manager = createManager(store);
 * manager.create('mailer', { handler: (event) => send(event.object), autoStart: true });
 * process.once('SIGTERM', async () => {
 *   await manager.stop({ timeout: 5000 }).catch(report); // rejects if a handler takes longer
 *   await store.close();
 * });
 */
export function createManager<E extends Event>(
  store: EventStore<E>,
  options: ManagerOptions = {},
): Manager<E> {
  requireStore('store', store, 'getEvents', 'getCheckpoint');
  const { lease, reportInterval } = resolveManagerOptions(store, options);
  const watchers = new Map<string, ManagedWatcher<E>>();
  const { reports } = store.internals;
  const reporter =
    reports === undefined || reportInterval === 0
      ? undefined
      : createManagerReporter({
          store,
          reports,
          interval: reportInterval,
          watchers: () => Array.from(watchers.values(), (watcher) => watcher.reported()),
        });
  /** Whether the manager was stopped, and no watcher was started since. */
  let isStopped = false;
  /** Number of watchers that are not at rest: running, paused, stopping or in standby. */
  let runCount = 0;
  const report = () => {
    if (watchers.size === 0 || (isStopped && runCount === 0)) reporter?.end();
    else reporter?.changed();
  };
  const onStateChange = (state: WatcherState, before: WatcherState) => {
    if (state === 'running' || state === 'standby') isStopped = false;
    runCount += Number(AT_REST.has(before)) - Number(AT_REST.has(state));
    report();
  };
  const changed$ = new BehaviorSubject<void>(undefined);
  let pendingChanges = 0;
  /** Emits changes sequentially: if a subscriber creates a watcher, that change is emitted after the current one. */
  const notify = () => {
    if (pendingChanges++ > 0) return;
    for (; pendingChanges > 0; pendingChanges--) changed$.next();
  };

  const lookup = (id: string): ManagedWatcher<E> => {
    checkWatcherId(id);
    const watcher = watchers.get(id);
    if (watcher === undefined) throw new WatcherNotFoundError(id);
    return watcher;
  };

  const stop = async (stopOptions?: StopOptions): Promise<void> => {
    const timeout = resolveStopTimeout(stopOptions);
    const all = [...watchers.values()];
    isStopped = true;
    const stops = await Promise.allSettled(all.map((watcher) => watcher.stop({ timeout })));
    report();
    const late = all.filter((_watcher, index) => stops[index]?.status === 'rejected');
    if (late.length === 0) return;
    const names = late.map(({ id }) => `'${id}'`).join(', ');
    throw new TimeoutError(`the stop of watchers ${names}`, timeout);
  };

  return {
    store,

    create(id, watchOptions = {}) {
      checkWatcherId(id);
      const resolved = resolveCreateWatcherOptions(watchOptions);
      assertSupported(store, resolved);
      if (hasPartitions(resolved)) checkPartitionIds(id, resolved.partitions);
      if (watchers.has(id)) throw new WatcherAlreadyExistsError(id);
      const parts = { lease, onStateChange };
      const watcher = hasPartitions(resolved)
        ? createPartitionedWatcher(store, id, resolved, parts)
        : createManagedWatcher(store, id, resolved, parts);
      watchers.set(id, watcher);
      report();
      notify();
      if (resolved.autoStart) watcher.start();
      return watcher;
    },

    lookup,

    watchers: () => [...watchers.values()],
    // Read the map at each emission, because an earlier subscriber may have created a watcher.
    watchers$: inOwnContext(changed$.pipe(map(() => [...watchers.values()]))),

    async remove(id) {
      const watcher = lookup(id);
      await watcher.remove(() => {
        // If `remove` was called twice, the second call must not delete a new watcher of this id.
        if (watchers.get(id) !== watcher) return;
        watchers.delete(id);
        report();
        notify();
      });
    },

    async redrive(id, redriveOptions = {}) {
      const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of redrive', faults);
      const checked = check(RedriveOptionsCodec, redriveOptions, invalid);
      return lookup(id).redrive(checked);
    },

    health: (healthOptions = {}) =>
      inOwnContext(healthOf(store, () => [...watchers.values()], healthOptions)),

    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
