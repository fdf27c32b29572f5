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
import type { EventStore } from '../../store/event-store.ts';
import { requireStore } from '../../store/require-store.ts';
import { check } from '../../validation/check.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import {
  type LeaseOptions,
  LeaseOptionsCodec,
  type ResolvedLeaseOptions,
  resolveLeaseOptions,
} from '../lease/lease-options.ts';
import { type CreateWatcherOptions, checkWatcherId, resolveCreateWatcherOptions } from '../watch-options.ts';
import { createManagedWatcher, type ManagedWatcher } from './managed-watcher.ts';
import { type RedriveOptions, RedriveOptionsCodec } from './redrive-command.ts';
import { STOP_TIMEOUT } from './seek-command.ts';
import { type StopOptions, StopOptionsCodec, type Watcher } from './watcher.ts';

/** What can be chosen of a manager. */
export interface ManagerOptions {
  /**
   * Of several managers, in as many processes, that have a watcher of the same id, one has it active and the others have
   * it stand by, until the active one is stopped, or dies, or is cut off. Default: each runs for itself.
   */
  readonly lease?: LeaseOptions | true | undefined;
}

const ManagerOptionsCodec = optionsCodec('{ lease: true }', { lease: LeaseOptionsCodec });

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionsError with every fault at once; also if there are to be leases, and the store keeps none.
 */
function resolveManagerOptions<E extends Event>(
  store: EventStore<E>,
  options: ManagerOptions,
): { readonly lease: ResolvedLeaseOptions | undefined } {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a manager', faults);
  const { lease } = check(ManagerOptionsCodec, options, invalid);
  if (lease === undefined) return { lease };
  if (store.internals.leases === undefined) {
    throw invalid([{ path: 'lease', message: "must not be given: the store's engine keeps no leases" }]);
  }
  return { lease: resolveLeaseOptions(lease) };
}

/** Keeps watchers, by id. */
export interface Manager<E extends Event = Event> {
  /**
   * Makes a watcher; with `autoStart` it runs at once. No handler is called before this call has returned.
   *
   * @throws WatcherAlreadyExistsError
   * @throws InvalidOptionsError with every fault at once.
   */
  create(id: string, options?: CreateWatcherOptions<E>): Watcher<E>;

  /**
   * Finds a watcher.
   *
   * @throws WatcherNotFoundError
   */
  lookup(id: string): Watcher<E>;

  /** All watchers, in the order of their creation. */
  watchers(): readonly Watcher<E>[];

  /** The same: those of the moment first, then each time that one was created or removed. */
  readonly watchers$: Observable<readonly Watcher<E>[]>;

  /**
   * Stops a watcher and forgets it; its checkpoint stays in the store. While it does, garbage collection keeps the
   * events after it: call `store.deleteCheckpoint` if the watcher is gone for good. A redrive ends, too, after the
   * letter in flight. From inside its handler it does not wait for that attempt: the watcher is forgotten after it.
   *
   * @throws WatcherNotFoundError
   * @throws TimeoutError as the watcher's `stop` does; it is not forgotten then.
   */
  remove(id: string): Promise<void>;

  /**
   * Hands dead letters to their watcher's handler again, in order, once each: one that succeeds is removed, one that
   * fails is brought up to date. Meanwhile the watcher hands nothing else over. A stop or a removal of the watcher, and the
   * close of the store, end it after the letter in flight. The close does not wait for that letter, as it waits for no attempt
   * of a run: a letter that is handled after the close stays, and is delivered again by the next redrive.
   *
   * @returns What became of the letters that were delivered.
   * @throws WatcherNotFoundError, NoHandlerError
   * @throws InvalidOptionsError if one is asked for that is not there; none was handed over then.
   * @throws InvalidStateError from inside the watcher's handler, or while it redrives already.
   * @throws {@link WatcherAlreadyRunningError} if another watcher of this id runs on the store object; nothing was delivered.
   */
  redrive(id: string, options?: RedriveOptions): Promise<readonly Outcome<E>[]>;

  /**
   * Stops all watchers at the same time.
   *
   * @throws TimeoutError that names those which did not stop.
   */
  stop(options?: StopOptions): Promise<void>;

  /** Stops all watchers, as `stop` does: for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes a manager of the watchers of a store.
 *
 * @param options.lease - Has one of several processes run each watcher, and the others stand by. Default: none.
 * @throws InvalidOptionsError with every fault at once; also if the store's engine keeps no leases.
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
  const { lease } = resolveManagerOptions(store, options);
  const watchers = new Map<string, ManagedWatcher<E>>();
  const changed$ = new BehaviorSubject<void>(undefined);
  let untold = 0;
  /** Emits one change after another: a listener that creates a watcher is notified of that in a loop, not from inside. */
  const tell = () => {
    if (untold++ > 0) return;
    for (; untold > 0; untold--) changed$.next();
  };

  const lookup = (id: string): ManagedWatcher<E> => {
    checkWatcherId(id);
    const watcher = watchers.get(id);
    if (watcher === undefined) throw new WatcherNotFoundError(id);
    return watcher;
  };

  const stop = async (stopOptions: StopOptions = {}): Promise<void> => {
    const { timeout = STOP_TIMEOUT } = check(
      StopOptionsCodec,
      stopOptions,
      (faults) => new InvalidOptionsError('options of stop', faults),
    );
    const all = [...watchers.values()];
    const stops = await Promise.allSettled(all.map((watcher) => watcher.stop({ timeout })));
    const late = all.filter((_watcher, index) => stops[index]?.status === 'rejected');
    if (late.length === 0) return;
    const names = late.map(({ id }) => `'${id}'`).join(', ');
    throw new TimeoutError(`the stop of watchers ${names}`, timeout);
  };

  return {
    create(id, watchOptions = {}) {
      checkWatcherId(id);
      const resolved = resolveCreateWatcherOptions(watchOptions);
      if (watchers.has(id)) throw new WatcherAlreadyExistsError(id);
      const watcher = createManagedWatcher(store, id, resolved, lease);
      watchers.set(id, watcher);
      tell();
      if (resolved.autoStart) watcher.start();
      return watcher;
    },

    lookup,

    watchers: () => [...watchers.values()],
    // As they are when somebody is told: whoever was told before may have created one.
    watchers$: inOwnContext(changed$.pipe(map(() => [...watchers.values()]))),

    async remove(id) {
      const watcher = lookup(id);
      await watcher.retire(() => {
        // Who removes it twice must not remove the next one of that name.
        if (watchers.get(id) !== watcher) return;
        watchers.delete(id);
        tell();
      });
    },

    async redrive(id, redriveOptions = {}) {
      const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of redrive', faults);
      const checked = check(RedriveOptionsCodec, redriveOptions, invalid);
      return lookup(id).redrive(checked);
    },

    stop,
    [Symbol.asyncDispose]: () => stop(),
  };
}
