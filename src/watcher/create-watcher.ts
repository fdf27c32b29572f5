import { asyncScheduler, firstValueFrom, lastValueFrom, Subject, tap, toArray } from 'rxjs';
import {
  CheckpointError,
  HandlerExistsError,
  InvalidOptionsError,
  InvalidStateError,
  NoHandlerError,
} from '../errors.ts';
import type { Event } from '../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../event/event-iterator.ts';
import type { Outcome } from '../handling/outcome.ts';
import type { EventStore } from '../store/event-store.ts';
import { check } from '../validation/check.ts';
import { checkSeqNum, manualCheckpoint } from './manual-checkpoint.ts';
import { type RedriveOptions, redrive } from './redrive.ts';
import { seekTarget } from './seek-target.ts';
import { unwatched } from './watch.ts';
import { handlerOf, type ResolvedWatchOptions } from './watch-options.ts';
import { type StopOptions, StopOptionsCodec, type Watcher } from './watcher.ts';
import { WatcherRecord } from './watcher-record.ts';
import { WatcherRun } from './watcher-run.ts';
import type { WatcherState } from './watcher-stats.ts';
import { type Change, caughtUpOf, processedOf, statsOf } from './watcher-views.ts';

/** How long a stop waits for the attempts in flight, in milliseconds, unless it is told otherwise. */
export const STOP_TIMEOUT = 30_000;

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
export function createWatcher<E extends Event>(
  store: EventStore<E>,
  id: string,
  options: ResolvedWatchOptions<E>,
): ManagedWatcher<E> {
  const scheduler = options.scheduler ?? store.scheduler ?? asyncScheduler;
  const record = new WatcherRecord<E>(id, store, options, () => scheduler.now());
  const changed$ = new Subject<Change>();
  const outcomes$ = new Subject<Outcome<E>>();
  const viewed = { id, store, options, record, changed$, outcomes$, scheduler };
  let handler = handlerOf(options);
  let run: WatcherRun<E> | undefined;
  /** The run that began last; one that has failed may still try to store what it had done before. */
  let last: WatcherRun<E> | undefined;
  let isRetired = false;
  let isRedriving = false;
  /** Stops and seeks are numbered as they are called; a seek counts for others only once its target is accepted. */
  let calls = 0;
  let lastStop = 0;
  let lastSeek = 0;

  const enter = (state: WatcherState) => {
    record.state = state;
    changed$.next('state');
  };
  const refuse = (action: string) => new InvalidStateError(id, action, isRetired ? 'removed' : record.state);

  const begin = (startAt?: EventIterator) => {
    if (handler === undefined) throw new NoHandlerError(id);
    const next = new WatcherRun<E>({
      watcherId: id,
      store,
      options,
      handler,
      scheduler,
      startAt,
      record,
      onChange: (change) => changed$.next(change),
      onOutcome: (outcome) => outcomes$.next(outcome),
      onEnd(error) {
        run = undefined;
        if (error !== undefined) record.failed(error);
        enter(error === undefined ? 'stopped' : 'failed');
      },
    });
    if (last !== undefined) last.isSuperseded = true;
    last = next;
    run = next;
    if (isRedriving) next.valve.shut('redrive');
    record.hasBegun = false;
    // The first value enters the first state: whoever is told of it may pause or stop it already.
    next.valve.isOpen$.subscribe((isOpen) => {
      if (run === next && record.state !== 'stopping') enter(isOpen ? 'running' : 'paused');
    });
    next.start();
  };

  /** Ends the run, if there is one; from inside its handler without waiting for it: then it is returned. */
  const halt = async (timeout: number): Promise<WatcherRun<E> | undefined> => {
    const present = run;
    if (present === undefined) return undefined;
    const fromInside = present.isCaller;
    enter('stopping');
    present.stop();
    if (fromInside) return present;
    await present.endedWithin(timeout);
    return undefined;
  };

  const stop = async (stopOptions: StopOptions = {}): Promise<void> => {
    check(StopOptionsCodec, stopOptions, (faults) => new InvalidOptionsError('options of stop', faults));
    lastStop = ++calls;
    if (record.state === 'idle') enter('stopped');
    await halt(stopOptions.timeout ?? STOP_TIMEOUT);
  };

  /** The run that can be told to pause or to go on. */
  const present = (action: string): WatcherRun<E> => {
    if (run === undefined || record.state === 'stopping') throw refuse(action);
    return run;
  };

  const seek = async (seqNum: number, mine: number): Promise<void> => {
    const latest = await firstValueFrom(store.getLatestSeqNum());
    if (seqNum > latest) {
      throw new CheckpointError(id, `${seqNum} lies beyond the log, which ends at ${latest}`);
    }
    const isOvertaken = () => mine < lastSeek;
    if (isOvertaken()) return;
    lastSeek = mine;
    let ending = await halt(STOP_TIMEOUT);
    // Somebody may have started it again in the meantime: the seek is for that run, too.
    while (ending === undefined && run !== undefined) ending = await halt(STOP_TIMEOUT);
    if (isOvertaken()) return;
    if (last !== undefined) last.isSuperseded = true;
    if (!options.ephemeral) {
      record.checkpointAsked = seqNum;
      await store.storeCheckpoint(id, seqNum);
      record.checkpoint = seqNum;
    }
    const restart = async () => {
      if (isOvertaken()) return;
      while (run !== undefined) await halt(STOP_TIMEOUT);
      if (mine > lastStop && !isOvertaken()) begin(afterSequenceNumber(seqNum));
    };
    if (ending === undefined) await restart();
    else void ending.ended().then(restart).catch(record.failed.bind(record));
  };

  /** While letters are redriven nothing else is handed over: the handler is never called twice at a time. */
  const redriveApart = async (redriveOptions: RedriveOptions): Promise<readonly Outcome<E>[]> => {
    if (handler === undefined) throw new NoHandlerError(id);
    if (isRedriving || isRetired || run?.isCaller) throw refuse('redrive');
    isRedriving = true;
    try {
      run?.valve.shut('redrive');
      await run?.quiet();
      const letters$ = redrive(
        { id, store, options, handler, scheduler, monitor: unwatched },
        redriveOptions,
      );
      return await lastValueFrom(
        letters$.pipe(
          tap((outcome) => outcomes$.next(outcome)),
          toArray(),
        ),
      );
    } finally {
      isRedriving = false;
      run?.valve.open('redrive');
    }
  };

  const storeCheckpoint = manualCheckpoint(viewed);

  return {
    id,
    outcomes$: outcomes$.asObservable(),
    stats$: statsOf(viewed),
    caughtUp$: caughtUpOf(viewed),
    whenProcessed: (seqNum) => processedOf(viewed, seqNum),
    stats: () => record.stats(),

    setHandler(given) {
      if (isRetired) throw refuse('take a handler');
      if (handler !== undefined) throw new HandlerExistsError(id);
      handler = { kind: 'event', handle: given };
    },

    start() {
      if (handler === undefined) throw new NoHandlerError(id);
      if (run !== undefined || isRetired) throw refuse('start');
      begin();
    },

    stop,

    pause: () => present('pause').valve.shut('pause'),
    resume: () => present('resume').valve.open('pause'),

    async checkpoint(seqNum) {
      if (isRetired) throw refuse('store a checkpoint');
      await storeCheckpoint(seqNum);
      changed$.next('count');
    },

    async seekToOffset(target) {
      if (isRetired) throw refuse('seek');
      if (handler === undefined) throw new NoHandlerError(id);
      if (typeof target === 'number') checkSeqNum(id, target);
      const mine = ++calls;
      await seek(typeof target === 'number' ? target : await firstValueFrom(seekTarget(store, target)), mine);
    },

    redrive: redriveApart,

    async retire(forget) {
      isRetired = true;
      try {
        await stop();
      } catch (error) {
        isRetired = false;
        throw error;
      }
      const end = () => {
        forget();
        outcomes$.complete();
        changed$.complete();
      };
      if (run === undefined) end();
      else void run.ended().then(end);
    },
  };
}
