import * as t from 'io-ts';
import { Subject } from 'rxjs';
import { HandlerExistsError, InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { inOwnContext } from '../../scheduling/call-context.ts';
import type { EventStore } from '../../store/event-store.ts';
import { check } from '../../validation/check.ts';
import { fn } from '../../validation/types.ts';
import type { ResolvedLeaseOptions } from '../lease/lease-options.ts';
import { underLease, unshared } from '../lease/ownership.ts';
import { handlerOf, type ResolvedWatchOptions } from '../watch-options.ts';
import { manualCheckpoint } from './checkpoint-command.ts';
import type { RedriveOptions } from './redrive-command.ts';
import { redriveExclusively } from './redrive-command.ts';
import { createSeeking, STOP_TIMEOUT } from './seek-command.ts';
import { type StopOptions, StopOptionsCodec, type Watcher } from './watcher.ts';
import { WatcherLifecycle } from './watcher-lifecycle.ts';
import { type Change, caughtUpOf, processedOf, statsOf } from './watcher-observables.ts';
import { WatcherProgress } from './watcher-progress.ts';

const Handler = t.type({ handler: fn });

/** A watcher, with what only its manager may do. */
export interface ManagedWatcher<E extends Event = Event> extends Watcher<E> {
  /**
   * Refuses everything from now on, stops, and tells those who look on that it is no more.
   *
   * @param forget - Called when nothing of it is left: from inside its handler, that is behind the attempts in flight.
   */
  retire(forget: () => void): Promise<void>;
  /** Hands its dead letters over again, apart from what else it does. */
  redrive(options: RedriveOptions): Promise<readonly Outcome<E>[]>;
}

/** Makes a watcher, idle; the options were checked. */
export function createManagedWatcher<E extends Event>(
  store: EventStore<E>,
  id: string,
  options: ResolvedWatchOptions<E>,
  lease?: ResolvedLeaseOptions,
): ManagedWatcher<E> {
  const scheduler = options.scheduler ?? store.internals.scheduler;
  const record = new WatcherProgress<E>(id, store, options, () => scheduler.now());
  const changed$ = new Subject<Change>();
  const outcomes$ = new Subject<Outcome<E>>();
  const { log } = record;
  const onFailure = (error: unknown) => {
    record.failed(error);
    changed$.next('count');
  };
  const { leases } = store.internals;
  const leasing =
    lease === undefined || leases === undefined
      ? unshared(store)
      : underLease<E>({ ...lease, id, store, leases, scheduler, onFailure, log });
  const parts = { id, store, options, scheduler, leasing, record, changed$, outcomes$ };
  const life = new WatcherLifecycle<E>(parts, handlerOf(options));
  const seeking = createSeeking(parts, life);
  const storeCheckpoint = manualCheckpoint(parts);

  const refuseIfRetired = (action: string): void => {
    if (life.isRetired) throw life.refusal(action);
  };
  const stop = async (stopOptions: StopOptions = {}): Promise<void> => {
    const { timeout = STOP_TIMEOUT } = check(
      StopOptionsCodec,
      stopOptions,
      (faults) => new InvalidOptionsError('options of stop', faults),
    );
    seeking.stopped();
    if (record.state === 'idle') life.enter('stopped');
    await life.stop(timeout);
  };

  return {
    id,
    outcomes$: inOwnContext(outcomes$),
    stats$: inOwnContext(statsOf(parts)),
    caughtUp$: inOwnContext(caughtUpOf(parts)),
    whenProcessed: (seqNum) => inOwnContext(processedOf(parts, seqNum)),
    stats: () => record.stats(),

    setHandler(given) {
      refuseIfRetired('take a handler');
      if (life.handler !== undefined) throw new HandlerExistsError(id);
      check(Handler, { handler: given }, (faults) => new InvalidOptionsError('handler of a watcher', faults));
      life.handler = { kind: 'event', handle: given };
    },

    start() {
      life.requireHandler();
      if (life.run !== undefined || life.isRetired) throw life.refusal('start');
      life.start();
    },

    stop,

    pause: () => life.present('pause').pauseSwitch.pause('pause'),
    resume: () => life.present('resume').pauseSwitch.resume('pause'),

    async checkpoint(seqNum) {
      refuseIfRetired('store a checkpoint');
      await storeCheckpoint(seqNum);
      changed$.next('count');
    },

    async seek(target) {
      refuseIfRetired('seek');
      life.requireHandler();
      await seeking.seek(target);
    },

    redrive: (redriveOptions) => redriveExclusively(parts, life, redriveOptions),

    async retire(forget) {
      life.isRetired = true;
      try {
        await stop();
      } catch (error) {
        life.isRetired = false;
        throw error;
      }
      life.whenOver(() => {
        forget();
        log.removed();
        outcomes$.complete();
        changed$.complete();
      });
    },
  };
}
