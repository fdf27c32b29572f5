import {
  catchError,
  concat,
  EMPTY,
  filter,
  finalize,
  firstValueFrom,
  from,
  ignoreElements,
  lastValueFrom,
  map,
  type Observable,
  of,
  ReplaySubject,
  switchMap,
  throwError,
  using,
  zip,
} from 'rxjs';
import { CheckpointError, SequenceTrimmedError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { afterSequenceNumber, type EventIterator, trimHorizon } from '../../event/event-iterator.ts';
import type { Right } from '../lease/ownership.ts';
import { positionOf } from '../run/start-position.ts';
import { underClaim } from '../under-claim.ts';
import type { WatcherLifecycle, WatcherParts } from './watcher-lifecycle.ts';
import type { WatcherRun } from './watcher-run.ts';

/** How long a stop waits for the attempts in flight, in milliseconds, unless it is told otherwise. */
export const STOP_TIMEOUT = 30_000;

/** Stops and seeks, which may overtake one another. */
export interface Seeking {
  /** A stop was called: a seek that was called before it starts nothing. */
  stopped(): void;
  /** Stops the watcher, stores its checkpoint, and starts it there. */
  seek(target: EventIterator): Promise<void>;
}

/** Makes the seeks of a watcher. */
export function createSeeking<E extends Event>(parts: WatcherParts<E>, life: WatcherLifecycle<E>): Seeking {
  const { id, store, leasing, options, record } = parts;
  const { checkpoints } = record;
  /** Stops and seeks are numbered as they are called; a seek counts for others only once its target is accepted. */
  let calls = 0;
  let lastStop = 0;
  let lastSeek = 0;

  const targetOf = (target: EventIterator): Observable<number> =>
    zip(positionOf(store, target), store.getLatestSeqNum()).pipe(
      map(([seqNum, latest]) => {
        if (seqNum <= latest) return seqNum;
        throw new CheckpointError(id, `${seqNum} lies beyond the log, which ends at ${latest}`);
      }),
    );
  /** Ends the run, and those that somebody starts in the meantime: the seek is for them, too. */
  const haltAll = async () => {
    let ending = await life.halt(STOP_TIMEOUT);
    while (ending === undefined && life.run !== undefined) ending = await life.halt(STOP_TIMEOUT);
    return ending;
  };
  /**
   * Stores the checkpoint and returns it. If events after it were trimmed while the attempt in flight was waited for, it is
   * the position of the oldest event, unless `target` names an event by number: then the seek is refused.
   */
  const storeCheckpoint = ({ store: held }: Right<E>, seqNum: number, target: EventIterator) => {
    const oldestIfTrimmed = (error: unknown) =>
      error instanceof SequenceTrimmedError && !('sequenceNumber' in target)
        ? positionOf(store, trimHorizon())
        : throwError(() => error);
    const write = (position: number) =>
      options.ephemeral ? EMPTY : checkpoints.moving(position, () => held.storeCheckpoint(id, position));
    const stored = () =>
      positionOf(store, afterSequenceNumber(seqNum)).pipe(
        map(() => seqNum),
        catchError(oldestIfTrimmed),
        switchMap((position) => concat(write(position).pipe(ignoreElements()), of(position))),
      );
    return lastValueFrom(checkpoints.inTurn(stored));
  };
  /** Starts the watcher again as it was before a seek that was refused after the stop. */
  const resume = (run: WatcherRun<E>): void => {
    life.restart(record.hasBegun ? afterSequenceNumber(record.passedThrough) : undefined);
    if (run.pauseSwitch.isPausedFor('pause')) life.run?.pauseSwitch.pause('pause');
  };
  /** Goes there, and emits when it is; called from inside its handler, it does what is left behind that. */
  const go = (target: EventIterator, seqNum: number, mine: number, right: Right<E>): Observable<void> => {
    const isOvertaken = () => mine < lastSeek;
    const mayStart = () => mine > lastStop && !isOvertaken();
    const steps = async () => {
      const before = life.run;
      const ending = await haltAll();
      if (isOvertaken()) return undefined;
      // The run whose handler called still ends: what it does from now on must not move the checkpoint.
      if (ending !== undefined) ending.isSuperseded = true;
      let position = seqNum;
      try {
        position = await storeCheckpoint(right, seqNum, target);
      } catch (error) {
        if (before === undefined || !(error instanceof SequenceTrimmedError)) throw error;
        const again = () => {
          if (life.run === undefined && mayStart()) resume(before);
        };
        if (ending === undefined) again();
        else {
          ending.isSuperseded = false;
          void ending.ended().then(again);
        }
        throw error;
      }
      record.log.sought(position);
      const restart = async () => {
        if (isOvertaken()) return;
        while (life.run !== undefined) await life.halt(STOP_TIMEOUT);
        if (mayStart()) life.restart(afterSequenceNumber(position));
      };
      if (ending !== undefined)
        return { rest: ending.ended().then(restart).catch(record.failed.bind(record)) };
      await restart();
      return undefined;
    };
    const rest = (left: { readonly rest: Promise<void> } | undefined) => from(left?.rest ?? EMPTY);
    const going = () =>
      from(steps()).pipe(switchMap((left) => concat(of(undefined), rest(left).pipe(ignoreElements()))));
    const hold = () => {
      lastSeek = mine;
      // Until the checkpoint protects them, the events there must not be trimmed while an attempt is waited for.
      return store.internals.retainFrom(() => (isOvertaken() ? Number.POSITIVE_INFINITY : seqNum));
    };
    // First of all: a seek that is refused stops nothing.
    return underClaim({ store, watcherId: id, options, checkpoints }, using(hold, going));
  };
  return {
    stopped() {
      lastStop = ++calls;
    },
    async seek(target) {
      const mine = ++calls;
      const pauseSwitch = life.run?.pauseSwitch;
      const reason = `seek ${mine}`;
      let isDecided = false;
      const accepted$ = targetOf(target).pipe(
        finalize(() => {
          isDecided = true;
          pauseSwitch?.resume(reason);
        }),
        filter(() => mine >= lastSeek),
      );
      const goThere = (seqNum: number) => leasing.during('seek', (right) => go(target, seqNum, mine, right));
      // The caller waits for the watcher to be there; the right is kept until nothing is left to be done.
      const there$ = new ReplaySubject<void>();
      accepted$.pipe(switchMap(goThere)).subscribe(there$);
      // The watcher is stopped within this call, unless the engine reads asynchronously: then it pauses until it has.
      if (!isDecided) pauseSwitch?.pause(reason);
      await firstValueFrom(there$, { defaultValue: undefined });
    },
  };
}
