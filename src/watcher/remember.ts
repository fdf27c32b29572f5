import {
  defer,
  EMPTY,
  type MonoTypeOperatorFunction,
  type Observable,
  race,
  retry,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Event } from '../event/event.ts';
import { saveProgress } from '../operators/save-progress.ts';
import { backoff } from '../retry/backoff.ts';
import { isFinal } from './is-final.ts';
import type { Outcome } from './outcome.ts';
import type { Passed, RunContext } from './run-context.ts';

/**
 * Stores one checkpoint, and tries again if that fails.
 *
 * The end of the run is no reason to give up at once: it ends the delay, and one more attempt is made.
 */
function storeCheckpoint<E extends Event>(context: RunContext<E>, seqNum: number): Observable<unknown> {
  const { store, watcherId, options, scheduler, ending, monitor } = context;
  let isLast = false;

  const write = defer(() => {
    if (context.isSuperseded()) return EMPTY;
    isLast = ending.isGiven;
    monitor.checkpointing(seqNum);
    return store.storeCheckpoint(watcherId, seqNum);
  });
  return write.pipe(
    tap(() => monitor.checkpointed(seqNum)),
    retry({
      delay(error, failures) {
        monitor.failed(error);
        if (isFinal(error)) return throwError(() => error);
        return isLast ? EMPTY : race(timer(backoff(failures, options), scheduler), ending.given$);
      },
    }),
  );
}

/** Stores the checkpoint behind what is passed on, if the watcher keeps one by itself. */
export const remember = <E extends Event>(
  context: RunContext<E>,
): MonoTypeOperatorFunction<Outcome<E> | Passed> =>
  context.options.ephemeral || context.options.checkpoint === 'manual'
    ? (progress$) => progress$
    : saveProgress((seqNum) => storeCheckpoint(context, seqNum));
