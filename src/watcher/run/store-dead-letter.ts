import {
  catchError,
  defer,
  endWith,
  filter,
  ignoreElements,
  map,
  type Observable,
  of,
  reduce,
  tap,
} from 'rxjs';
import { InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { Outcome, Skipped } from '../../handling/outcome.ts';
import { serializedErrors } from '../../store/dead-letter.ts';
import { whenDurable } from '../../store/durable-write.ts';
import type { ProgressTracker } from './progress-tracker.ts';
import { type RunContext, retryStoreFailure } from './run-context.ts';

/**
 * Emits the numbers of the watcher's dead letters after `position`. The run deletes such a dead letter when it handles the
 * event again, for example after a seek. Emits an empty set if the engine stores no dead letters or if the read fails.
 */
export const deadLettersAfter = <E extends Event>(
  { store, watcherId, listener }: RunContext<E>,
  position: number,
): Observable<Set<number>> =>
  defer(() => store.deadLetters(watcherId)).pipe(
    map(({ seqNum }) => seqNum),
    filter((seqNum) => seqNum > position),
    reduce((seqNums, seqNum) => seqNums.add(seqNum), new Set<number>()),
    catchError((error) => {
      // An engine that stores no dead letters rejects the call with InvalidOptionsError.
      if (!(error instanceof InvalidOptionsError)) listener.failed(error);
      return of(new Set<number>());
    }),
  );

/**
 * Stores a given-up event as a dead letter and, atomically, the checkpoint after the event. With two writes, a crash
 * between them could lose the event. The checkpoint does not change if an earlier event is in flight.
 */
export const storeDeadLetter = <E extends Event>(
  context: RunContext<E>,
  tracker: ProgressTracker,
  skipped: Skipped<E>,
  began: number,
): Observable<Outcome<E>> => {
  const { store, watcherId, options, scheduler, listener, checkpoints, isSuperseded } = context;
  const { seqNum, attempts, error } = skipped;
  const deadLetter = {
    watcherId,
    seqNum,
    errors: serializedErrors(error.cause),
    attempts,
    firstTime: new Date(began),
    lastTime: new Date(scheduler.now()),
  };
  const write = checkpoints.enqueue(() => {
    const isAutomatic = options.checkpoint === 'auto' && !options.ephemeral && !isSuperseded();
    const checkpoint = isAutomatic && tracker.ackFloor === seqNum - 1 ? seqNum : undefined;
    const stored = () => store.storeDeadLetter(deadLetter, checkpoint);
    if (checkpoint === undefined) return whenDurable(stored());
    return checkpoints.moveTo(checkpoint, stored).pipe(tap({ complete: () => listener.checkpointStored() }));
  });
  return write.pipe(
    retryStoreFailure(context),
    map(() => ({ ...skipped, deadLettered: true })),
  );
};

/** Deletes the dead letter of an event that is now handled, if there is one, and then emits the outcome of the event. */
export const deleteDeadLetter = <E extends Event>(
  context: RunContext<E>,
  deadLetters: Set<number>,
  outcome: Outcome<E>,
): Observable<Outcome<E>> => {
  const { store, watcherId } = context;
  if (!deadLetters.delete(outcome.seqNum)) return of(outcome);
  return defer(() => store.deleteDeadLetter(watcherId, outcome.seqNum)).pipe(
    retryStoreFailure(context),
    ignoreElements(),
    endWith(outcome),
  );
};
