import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  endWith,
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
import type { AnyHandler, TransactionHandler } from '../../handling/handler.ts';
import { handledOutcome, type Outcome } from '../../handling/outcome.ts';
import { type DeadLetter, type SerializedError, serializedErrors } from '../../store/dead-letter.ts';
import type { EventStore } from '../../store/event-store.ts';
import { options as optionsCodec } from '../../validation/options.ts';
import { listOf, wholeFrom } from '../../validation/types.ts';
import { type Transacted, transactEvents } from '../transaction/transact-events.ts';
import { withAttempts } from '../transaction/with-attempts.ts';
import { underClaim } from '../under-claim.ts';
import type { ResolvedWatchOptions } from '../watch-options.ts';
import { Activity } from './activity.ts';
import type { WatcherContext } from './watcher-context.ts';
import type { WatcherLifecycle } from './watcher-lifecycle.ts';

/** Selection of the dead letters that a redrive delivers. */
export interface RedriveOptions {
  /** Sequence numbers of the dead letters. Default: all dead letters of the watcher. */
  readonly seqNums?: readonly number[] | undefined;
}

export const RedriveOptionsCodec = optionsCodec('{ seqNums: [17] }', {
  seqNums: listOf(wholeFrom(1), 'an array of sequence numbers'),
});

/** Watcher, handler and store of one redrive. */
interface RedriveContext<E extends Event> {
  readonly watcherId: string;
  /** Store that rejects writes after the loss of the lease. */
  readonly store: EventStore<E>;
  readonly options: ResolvedWatchOptions<E>;
  readonly handler: AnyHandler<E>;
  readonly scheduler: SchedulerLike;
  /** Records the attempts in flight, and requests the end of the redrive. */
  readonly activity: Activity;
  /** Completes when a dead letter may be delivered; immediately if it may be delivered now. */
  readonly valid$: Observable<never>;
}

/**
 * Emits when the write of a dead letter is stored, or is rejected because the store is closed. In the second case, the
 * outcome of the attempt is still emitted, as in a run, and the next redrive delivers the dead letter again.
 */
const storedUnlessClosed = (write: Promise<void>): Observable<unknown> =>
  from(write).pipe(
    catchError((error) => {
      if (error instanceof StoreClosedError) return of(undefined);
      throw error;
    }),
  );

/**
 * Handles the event of a dead letter, and deletes the dead letter, in one transaction. Completes without a value if the
 * store is closed.
 */
const handleDeadLetter = <E extends Event>(
  { store, watcherId, scheduler, options, activity }: RedriveContext<E>,
  handler: TransactionHandler<E>,
  event: E,
  attempt: number,
): Observable<Transacted> =>
  transactEvents({ store, watcherId, scheduler, options, listener: activity }, handler, {
    events: [event],
    attempt,
    begin() {},
    mayContinue: () => true,
    finish: ({ seqNum }, { deleteDeadLetter }) => deleteDeadLetter(watcherId, seqNum),
  }).pipe(
    catchError((error) => {
      if (error instanceof StoreClosedError) return EMPTY;
      throw error;
    }),
  );

/** Delivers a dead letter again. Deletes it if it is handled, and updates it otherwise. */
function redriveDeadLetter<E extends Event>(
  context: RedriveContext<E>,
  deadLetter: DeadLetter<E>,
): Observable<Outcome<E>> {
  const { watcherId, store, handler, scheduler, activity } = context;
  const { seqNum, event } = deadLetter;
  const attempts = deadLetter.attempts + 1;

  const failed = (error: EventHandlingError, errors: readonly SerializedError[]): Observable<Outcome<E>> => {
    const { event: _event, ...stored } = deadLetter;
    const lastTime = new Date(scheduler.now());
    const update = store.storeDeadLetter({ ...stored, errors, attempts, lastTime });
    return storedUnlessClosed(update).pipe(
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
    const fault = { path: '', message: 'the event of the dead letter cannot be decoded' };
    const cause = new DeserializationError([fault], { seqNum });
    // Keep the errors of the dead letter, because they contain the reason why the event cannot be decoded.
    return failed(new EventHandlingError(watcherId, seqNum, attempts, cause), deadLetter.errors);
  }
  // A redrive makes one attempt per dead letter. If the attempt fails, only the next redrive delivers the dead letter
  // again.
  const failure$ = withAttempts(
    { ...context, listener: activity },
    (handle) => handleDeadLetter(context, handle, event, attempts),
    (attemptAt) =>
      defer(() => attemptAt(event, attempts)).pipe(
        endWith(undefined),
        catchError((cause) => of(new EventHandlingError(watcherId, seqNum, attempts, cause))),
      ),
  );
  const deleted = () =>
    handler.kind === 'transaction'
      ? of(undefined)
      : storedUnlessClosed(store.deleteDeadLetter(watcherId, seqNum));
  return failure$.pipe(
    switchMap((failure): Observable<Outcome<E>> => {
      if (failure !== undefined) return failed(failure, serializedErrors(failure.cause));
      return deleted().pipe(map(() => handledOutcome(event, attempts)));
    }),
  );
}

/**
 * Returns the dead letters with the requested numbers.
 *
 * @throws {@link InvalidOptionsError} if a requested dead letter does not exist.
 */
export function selectDeadLetters<E extends Event>(
  deadLetters: readonly DeadLetter<E>[],
  { seqNums }: RedriveOptions,
): readonly DeadLetter<E>[] {
  if (seqNums === undefined) return deadLetters;
  const existing = new Set(deadLetters.map(({ seqNum }) => seqNum));
  const faults = [...seqNums.entries()]
    .filter(([, seqNum]) => !existing.has(seqNum))
    .map(([index, seqNum]) => ({
      path: `seqNums.${index}`,
      message: `must be the number of a dead letter of the watcher; received ${String(seqNum)}`,
    }));
  if (faults.length > 0) throw new InvalidOptionsError('redrive', faults);
  return deadLetters.filter(({ seqNum }) => seqNums.includes(seqNum));
}

/**
 * Delivers dead letters again, once each, in the order of their numbers, and emits their outcomes. Completes after the
 * current dead letter when the activity is stopped.
 *
 * @throws {@link InvalidOptionsError} if a requested dead letter does not exist. In this case, no dead letter is delivered.
 */
const redrive = <E extends Event>(
  context: RedriveContext<E>,
  options: RedriveOptions,
): Observable<Outcome<E>> =>
  defer(() => context.store.deadLetters(context.watcherId)).pipe(
    toArray(),
    switchMap((deadLetters) => from(selectDeadLetters(deadLetters, options))),
    concatMap((deadLetter) => {
      const { activity, valid$ } = context;
      const next = defer(() => (activity.isStopping ? EMPTY : redriveDeadLetter(context, deadLetter)));
      return concat(valid$.pipe(takeUntil(activity.stop$)), next);
    }),
  );

/**
 * Redrives dead letters while the run is paused, so that the handler is never called twice at the same time. A stop, a
 * removal or the close of the store ends the redrive after the current dead letter.
 *
 * @returns Outcomes of the delivered dead letters.
 * @throws {@link NoHandlerError} if the watcher has no handler.
 * @throws {@link InvalidStateError} if the call comes from inside the handler, or a redrive is in progress.
 * @throws {@link InvalidStateError} if another process holds the lease, or the watcher was removed.
 * @throws {@link LeaseLostError} if the lease is lost during the redrive.
 * @throws {@link WatcherAlreadyRunningError} if another watcher of the id runs on the store.
 */
export async function redriveExclusively<E extends Event>(
  context: WatcherContext<E>,
  lifecycle: WatcherLifecycle<E>,
  redriveOptions: RedriveOptions,
): Promise<readonly Outcome<E>[]> {
  const { watcherId, store, options, scheduler, ownership, slots, outcomes$ } = context;
  const handler = lifecycle.requireHandler();
  if (lifecycle.redrive !== undefined || lifecycle.isRemoved || lifecycle.run?.isCaller) {
    throw lifecycle.invalidState('redrive');
  }
  const activity = new Activity(watcherId, scheduler, slots);
  lifecycle.redrive = activity;
  const closed = store.closed$.subscribe(() => activity.stop());
  try {
    lifecycle.run?.pauseSwitch.pause('redrive');
    await Promise.race([lifecycle.run?.settled(), firstValueFrom(activity.stop$)]);
    const outcomes = ownership.during('redrive', ({ store: ownedStore, ...grant }) => {
      const valid$ = concat(grant.valid$, slots?.free$ ?? EMPTY);
      const own = { watcherId, store: ownedStore, options, handler, scheduler, activity, valid$ };
      return underClaim(context, redrive(own, redriveOptions));
    });
    return await lastValueFrom(
      outcomes.pipe(
        tap((outcome) => outcomes$.next(outcome)),
        toArray(),
      ),
    );
  } finally {
    closed.unsubscribe();
    lifecycle.redrive = undefined;
    lifecycle.run?.pauseSwitch.resume('redrive');
    activity.end();
  }
}
