import { defer, from, map, type Observable, tap } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { Outcome, Skipped } from '../handling/outcome.ts';
import { letterErrors } from '../store/dead-letter.ts';
import { isFinal } from './is-final.ts';
import type { Prefix } from './prefix.ts';
import { type RunContext, tryAgain } from './run-context.ts';

/**
 * Has the store keep an event that was given up, and the checkpoint that moves past it, at one go: what is left behind
 * is never lost between the two. The checkpoint stays, if an event before this one is under way.
 */
export const keepLetter = <E extends Event>(
  context: RunContext<E>,
  prefix: Prefix,
  skipped: Skipped<E>,
  began: number,
): Observable<Outcome<E>> => {
  const { store, watcherId, options, scheduler, monitor, isSuperseded } = context;
  const { seqNum, attempts, error } = skipped;
  const letter = {
    watcherId,
    seqNum,
    errors: letterErrors(error.cause),
    attempts,
    firstTime: new Date(began),
    lastTime: new Date(scheduler.now()),
  };
  return defer(() => {
    const isAutomatic = options.checkpoint === 'auto' && !options.ephemeral && !isSuperseded();
    const checkpoint = isAutomatic && prefix.through === seqNum - 1 ? seqNum : undefined;
    return from(store.storeDeadLetter(letter, checkpoint)).pipe(
      tap(() => {
        if (checkpoint !== undefined) monitor.checkpointed(checkpoint);
      }),
    );
  }).pipe(
    tryAgain(context, (error) => {
      monitor.failed(error);
      return isFinal(error);
    }),
    map(() => ({ ...skipped, deadLettered: true })),
  );
};
