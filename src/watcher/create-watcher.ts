import { defer, firstValueFrom, map, Subject, startWith } from 'rxjs';
import { CheckpointError, HandlerExistsError, InvalidStateError, NoHandlerError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { afterSequenceNumber, type EventIterator } from '../event/event-iterator.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Outcome } from './outcome.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';
import type { Watcher } from './watcher.ts';
import { WatcherRecord } from './watcher-record.ts';
import { WatcherRun } from './watcher-run.ts';
import type { WatcherState } from './watcher-stats.ts';

/** How long a stop waits for the attempt in flight, in milliseconds, unless it is told otherwise. */
export const STOP_TIMEOUT = 30_000;

/** A watcher, with what only its manager may do. */
export interface ManagedWatcher<E extends Event = Event> extends Watcher<E> {
  /** Tells those who look on that it is no more. */
  retire(): void;
}

/** Makes a watcher, idle; the options were checked. */
export function createWatcher<E extends Event>(
  store: EventStore<E>,
  id: string,
  options: ResolvedWatchOptions<E>,
): ManagedWatcher<E> {
  const record = new WatcherRecord<E>(id, store, options);
  const changed$ = new Subject<void>();
  const outcomes$ = new Subject<Outcome<E>>();
  let handler = options.handler;
  let run: WatcherRun<E> | undefined;
  /** Which command came last: a seek that was overtaken while it waited starts nothing. */
  let command = 0;

  const enter = (state: WatcherState) => {
    record.state = state;
    changed$.next();
  };

  const begin = (startAt?: EventIterator) => {
    if (handler === undefined) throw new NoHandlerError(id);
    enter('running');
    run = new WatcherRun<E>({
      watcherId: id,
      store,
      options,
      handler,
      startAt,
      record,
      onChange: () => changed$.next(),
      onOutcome: (outcome) => outcomes$.next(outcome),
      onEnd(error) {
        run = undefined;
        if (error !== undefined) record.failed(error);
        enter(error === undefined ? 'stopped' : 'failed');
      },
    });
    run.start();
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

  const refuse = (reason: string) => new CheckpointError(id, reason);

  const checkSeqNum = (seqNum: number) => {
    if (!Number.isSafeInteger(seqNum) || seqNum < 0) {
      throw refuse(`expected a whole number from 0, got ${String(seqNum)}`);
    }
  };

  /** Checked and stored at one go: nothing is awaited between a look at what was asked for last and the write. */
  const storeCheckpoint = async (seqNum: number): Promise<void> => {
    if (options.ephemeral) throw refuse('it is ephemeral and keeps none');
    checkSeqNum(seqNum);
    const stored = (await firstValueFrom(store.getCheckpoint(id))) ?? 0;
    const present = Math.max(stored, record.checkpointAsked);
    const reached = Math.max(
      options.checkpoint === 'manual' ? record.handedThrough : 0,
      record.passedThrough,
    );
    if (seqNum < present)
      throw refuse(`${seqNum} lies before the present one, ${present}; seekToOffset moves it back`);
    if (seqNum > Math.max(reached, present)) throw refuse(`${seqNum} lies past what was handled, ${reached}`);
    record.checkpointAsked = seqNum;
    await store.storeCheckpoint(id, seqNum);
    record.checkpoint = seqNum;
    changed$.next();
  };
  let lastCheckpoint: Promise<unknown> = Promise.resolve();

  return {
    id,
    outcomes$: outcomes$.asObservable(),
    stats$: defer(() =>
      changed$.pipe(
        startWith(undefined),
        map(() => record.stats()),
      ),
    ),
    stats: () => record.stats(),

    setHandler(given) {
      if (handler !== undefined) throw new HandlerExistsError(id);
      handler = given;
    },

    start() {
      if (handler === undefined) throw new NoHandlerError(id);
      if (run !== undefined) throw new InvalidStateError(id, 'start', record.state);
      begin();
    },

    async stop({ timeout = STOP_TIMEOUT } = {}) {
      command++;
      if (record.state === 'idle') enter('stopped');
      await halt(timeout);
    },

    checkpoint(seqNum) {
      const asked = lastCheckpoint.then(() => storeCheckpoint(seqNum));
      lastCheckpoint = asked.catch(() => undefined);
      return asked;
    },

    async seekToOffset(seqNum) {
      if (handler === undefined) throw new NoHandlerError(id);
      checkSeqNum(seqNum);
      const mine = ++command;
      const latest = await firstValueFrom(store.getLatestSeqNum());
      if (seqNum > latest) throw refuse(`${seqNum} lies beyond the log, which ends at ${latest}`);
      let ending = await halt(STOP_TIMEOUT);
      // Somebody may have started it again in the meantime: the seek is for that run, too.
      while (ending === undefined && run !== undefined) ending = await halt(STOP_TIMEOUT);
      if (ending !== undefined) ending.isSuperseded = true;
      if (!options.ephemeral) {
        record.checkpointAsked = seqNum;
        await store.storeCheckpoint(id, seqNum);
        record.checkpoint = seqNum;
      }
      const restart = async () => {
        while (run !== undefined) await halt(STOP_TIMEOUT);
        if (mine === command) begin(afterSequenceNumber(seqNum));
      };
      if (ending === undefined) await restart();
      else void ending.ended().then(restart).catch(record.failed.bind(record));
    },

    retire() {
      outcomes$.complete();
      changed$.complete();
    },
  };
}
