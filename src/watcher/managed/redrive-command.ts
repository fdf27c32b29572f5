import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  firstValueFrom,
  from,
  lastValueFrom,
  map,
  type Observable,
  of,
  type SchedulerLike,
  switchMap,
  takeUntil,
  tap,
  toArray,
} from 'rxjs';
import {
  DeserializationError,
  EventHandlingError,
  InvalidOptionsError,
  StoreClosedError,
} from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { createAttempt } from '../../handling/create-attempt.ts';
import type { AnyHandler } from '../../handling/handler.ts';
import type { HandlingContext } from '../../handling/handling-context.ts';
import type { Outcome } from '../../handling/outcome.ts';
import { runAttempts } from '../../handling/run-attempts.ts';
import { Latch } from '../../scheduling/latch.ts';
import { type DeadLetter, type SerializedError, serializedErrors } from '../../store/dead-letter.ts';
import type { EventStore } from '../../store/event-store.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { listOf, wholeFrom } from '../../validation/types.ts';
import { underClaim } from '../under-claim.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { Activity } from './activity.ts';
import type { WatcherLifecycle, WatcherParts } from './watcher-lifecycle.ts';

/** Which dead letters to redrive. */
export interface RedriveOptions {
  /** Their numbers. Default: all. */
  readonly seqNums?: readonly number[] | undefined;
}

/** Tells what is wrong with them. */
export const RedriveOptionsCodec = optionsCodec('{ seqNums: [17] }', {
  seqNums: listOf(wholeFrom(1), 'an array of sequence numbers'),
});

/** Whose dead letters they are, and who handles them. */
export interface Redriver<E extends Event> {
  /** The watcher. */
  readonly id: string;
  /** Where the letters are. */
  readonly store: EventStore<E>;
  /** How it handles events. */
  readonly options: ResolvedWatchOptions<E>;
  /** Its handler. */
  readonly handler: AnyHandler<E>;
  /** Its clock and timers. */
  readonly scheduler: SchedulerLike;
  /** Notes the attempts, and says when no further letter may be delivered. */
  readonly activity: Activity;
  /** Completes when it has the right to deliver: at once, if it has now. */
  readonly valid$: Observable<never>;
}

/** One attempt at a letter: one that fails again has another chance at the next redrive. */
const onceOnly = <E extends Event>(redriver: Redriver<E>): HandlingContext<E> => ({
  ...redriver,
  listener: redriver.activity,
  cutOff: new Map(),
  watcherId: redriver.id,
  options: { ...redriver.options, retryStrategy: 'skip', maxRetries: 0 },
  ending: new Latch(),
  mayBegin: () => true,
  turn: (attempt) => attempt,
  giveUp: (skipped) => of(skipped),
});

/**
 * Emits when a write to a letter is stored, or is refused because the store is closed: as with the checkpoint of a run, the
 * attempt in flight still counts, and its letter is delivered again.
 */
const written = (write: Promise<void>): Observable<unknown> =>
  from(write).pipe(
    catchError((error) => {
      if (error instanceof StoreClosedError) return of(undefined);
      throw error;
    }),
  );

/** Hands a letter over again: it is removed if that succeeds, and otherwise brought up to date. */
function redriveDeadLetter<E extends Event>(
  redriver: Redriver<E>,
  letter: DeadLetter<E>,
): Observable<Outcome<E>> {
  const { id, store, handler, scheduler } = redriver;
  const { seqNum, event } = letter;
  const attempts = letter.attempts + 1;

  const failed = (error: EventHandlingError, errors: readonly SerializedError[]): Observable<Outcome<E>> => {
    const { event: _event, ...kept } = letter;
    const lastTime = new Date(scheduler.now());
    const update = store.storeDeadLetter({ ...kept, errors, attempts, lastTime });
    return written(update).pipe(
      map(() => ({
        status: 'skipped',
        seqNum,
        ...(event && { event }),
        attempts,
        error,
        deadLettered: true,
      })),
    );
  };
  if (event === undefined) {
    const cause = new DeserializationError([{ path: '', message: 'it still cannot be decoded' }], { seqNum });
    // What is wrong with it is what was wrong: the letter knows more of that.
    return failed(new EventHandlingError(id, seqNum, attempts, cause), letter.errors);
  }
  const attempt = () =>
    createAttempt({ watcherId: id, listener: redriver.activity }, handler, event)(attempts);
  return runAttempts(onceOnly(redriver), { seqNum, event }, attempt).pipe(
    switchMap(({ error }): Observable<Outcome<E>> => {
      if (error !== undefined) {
        const failure = new EventHandlingError(id, seqNum, attempts, error.cause);
        return failed(failure, serializedErrors(error.cause));
      }
      return written(store.deleteDeadLetter(id, seqNum)).pipe(
        map(() => ({ status: 'handled', seqNum, event, attempts })),
      );
    }),
  );
}

/** The letters that were asked for; refuses to begin if one of them is not there. */
function chosen<E extends Event>(
  letters: readonly DeadLetter<E>[],
  { seqNums }: RedriveOptions,
): readonly DeadLetter<E>[] {
  if (seqNums === undefined) return letters;
  const known = new Set(letters.map(({ seqNum }) => seqNum));
  const faults = [...seqNums.entries()]
    .filter(([, seqNum]) => !known.has(seqNum))
    .map(([index, seqNum]) => ({
      path: `seqNums.${index}`,
      message: `there is no dead letter ${String(seqNum)}`,
    }));
  if (faults.length > 0) throw new InvalidOptionsError('redrive', faults);
  return letters.filter(({ seqNum }) => seqNums.includes(seqNum));
}

/**
 * Hands dead letters to the handler again, in order of their numbers, once each, and emits what became of them. It
 * completes after the letter in flight when the activity must end.
 *
 * @throws InvalidOptionsError if a letter is asked for that is not there; none was handed over then.
 */
const redrive = <E extends Event>(redriver: Redriver<E>, options: RedriveOptions): Observable<Outcome<E>> =>
  defer(() => redriver.store.deadLetters(redriver.id)).pipe(
    toArray(),
    switchMap((letters) => from(chosen(letters, options))),
    concatMap((letter) => {
      const next = defer(() => (redriver.activity.isStopping ? EMPTY : redriveDeadLetter(redriver, letter)));
      return concat(redriver.valid$.pipe(takeUntil(redriver.activity.stop$)), next);
    }),
  );

/**
 * Redrives dead letters while no other event is delivered: the handler is never called twice at a time. A stop, a removal
 * or the close of the store ends it after the letter in flight; it then resolves with what became of the letters so far.
 *
 * @throws NoHandlerError
 * @throws InvalidStateError from inside the handler, or while letters are redriven already, or while another process
 *   has the lease.
 * @throws LeaseLostError if the lease is lost meanwhile.
 * @throws {@link WatcherAlreadyRunningError} if another watcher of the id runs on the store.
 */
export async function redriveExclusively<E extends Event>(
  { outcomes$, leasing, ...parts }: WatcherParts<E>,
  life: WatcherLifecycle<E>,
  options: RedriveOptions,
): Promise<readonly Outcome<E>[]> {
  const { id, store, scheduler } = parts;
  const watcher = { ...parts, watcherId: id, checkpoints: parts.record.checkpoints };
  const handler = life.requireHandler();
  if (life.redriving !== undefined || life.isRetired || life.run?.isCaller) throw life.refusal('redrive');
  const activity = new Activity(id, scheduler);
  life.redriving = activity;
  const closed = store.closed$.subscribe(() => activity.stop());
  try {
    life.run?.pauseSwitch.pause('redrive');
    await Promise.race([life.run?.quiet(), firstValueFrom(activity.stop$)]);
    const letters$ = leasing.during('redrive', (right) =>
      underClaim(watcher, redrive({ ...parts, ...right, handler, activity }, options)),
    );
    return await lastValueFrom(
      letters$.pipe(
        tap((outcome) => outcomes$.next(outcome)),
        toArray(),
      ),
    );
  } finally {
    closed.unsubscribe();
    life.redriving = undefined;
    life.run?.pauseSwitch.resume('redrive');
    activity.end();
  }
}
