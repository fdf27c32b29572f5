import { catchError, defer, filter, from, map, type Observable, of, reduce, tap } from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome, Skipped } from '../../handling/outcome.ts';
import { serializedErrors } from '../../store/dead-letter.ts';
import type { ProgressTracker } from './progress-tracker.ts';
import { isFinal, type RunContext, retryStoreFailure } from './run-context.ts';

/**
 * Emits the numbers of the dead letters of events that a run comes to again, after a seek for example: their letters go when
 * they are handled, under any strategy. None, if the engine keeps no letters, or if they cannot be read.
 */
export const deadLettersAhead = <E extends Event>(
  { store, watcherId, listener }: RunContext<E>,
  position: number,
): Observable<Set<number>> =>
  defer(() => store.deadLetters(watcherId)).pipe(
    map(({ seqNum }) => seqNum),
    filter((seqNum) => seqNum > position),
    reduce((seqNums, seqNum) => seqNums.add(seqNum), new Set<number>()),
    catchError((error) => {
      // An engine without letters refuses the call.
      if (!(error instanceof InvalidOptionsError)) listener.failed(error);
      return of(new Set<number>());
    }),
  );

/**
 * Stores an event that was given up as a dead letter, and the checkpoint past it, atomically: an event that is skipped
 * is never lost between the two. The checkpoint stays if an event before this one is in flight.
 */
export const storeDeadLetter = <E extends Event>(
  context: RunContext<E>,
  prefix: ProgressTracker,
  skipped: Skipped<E>,
  began: number,
): Observable<Outcome<E>> => {
  const { store, watcherId, options, scheduler, listener, checkpoints, isSuperseded } = context;
  const { seqNum, attempts, error } = skipped;
  const letter = {
    watcherId,
    seqNum,
    errors: serializedErrors(error.cause),
    attempts,
    firstTime: new Date(began),
    lastTime: new Date(scheduler.now()),
  };
  const write = checkpoints.inTurn(() => {
    const isAutomatic = options.checkpoint === 'auto' && !options.ephemeral && !isSuperseded();
    const checkpoint = isAutomatic && prefix.ackFloor === seqNum - 1 ? seqNum : undefined;
    const stored = () => store.storeDeadLetter(letter, checkpoint);
    if (checkpoint === undefined) return from(stored());
    return checkpoints.moving(checkpoint, stored).pipe(tap({ complete: () => listener.checkpointed() }));
  });
  return write.pipe(
    retryStoreFailure(context, (error) => {
      listener.failed(error);
      return isFinal(error);
    }),
    map(() => ({ ...skipped, deadLettered: true })),
  );
};
