import { from, map, type Observable, tap } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Outcome, Skipped } from '../handling/outcome.ts';
import { letterErrors } from '../store/dead-letter.ts';
import { isFinal } from './is-final.ts';
import type { Prefix } from './prefix.ts';
import { type RunContext, tryAgain } from './run-context.ts';

/**
 * Stores an event that was given up as a dead letter, and the checkpoint past it, atomically: an event that is skipped
 * is never lost between the two. The checkpoint stays if an event before this one is in flight.
 */
export const keepLetter = <E extends Event>(
  context: RunContext<E>,
  prefix: Prefix,
  skipped: Skipped<E>,
  began: number,
): Observable<Outcome<E>> => {
  const { store, watcherId, options, scheduler, monitor, checkpoints, isSuperseded } = context;
  const { seqNum, attempts, error } = skipped;
  const letter = {
    watcherId,
    seqNum,
    errors: letterErrors(error.cause),
    attempts,
    firstTime: new Date(began),
    lastTime: new Date(scheduler.now()),
  };
  const write = checkpoints.inTurn(() => {
    const isAutomatic = options.checkpoint === 'auto' && !options.ephemeral && !isSuperseded();
    const checkpoint = isAutomatic && prefix.through === seqNum - 1 ? seqNum : undefined;
    const stored = () => store.storeDeadLetter(letter, checkpoint);
    if (checkpoint === undefined) return from(stored());
    return checkpoints.moving(checkpoint, stored).pipe(tap({ complete: () => monitor.checkpointed() }));
  });
  return write.pipe(
    tryAgain(context, (error) => {
      monitor.failed(error);
      return isFinal(error);
    }),
    map(() => ({ ...skipped, deadLettered: true })),
  );
};
