import {
  defer,
  EMPTY,
  from,
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
import type { RunContext, RunProgress } from './run-context.ts';

/**
 * Stores one checkpoint, and if that fails, tries again with the newest there is by then.
 *
 * The end of the run is no reason to give up at once: it ends the delay, and one more attempt is made.
 */
function storeCheckpoint<E extends Event>(context: RunContext<E>, newest: () => number): Observable<unknown> {
  const { store, watcherId, options, scheduler, ending, monitor } = context;
  let isLast = false;

  const write = defer(() => {
    const seqNum = newest();
    if (context.isSuperseded()) return EMPTY;
    isLast = ending.isGiven;
    monitor.checkpointing(seqNum);
    return from(store.storeCheckpoint(watcherId, seqNum)).pipe(tap(() => monitor.checkpointed(seqNum)));
  });
  return write.pipe(
    retry({
      delay(error, failures) {
        monitor.failed(error);
        if (isFinal(error)) return throwError(() => error);
        return isLast ? EMPTY : race(timer(backoff(failures, options), scheduler), ending.given$);
      },
    }),
  );
}

/**
 * Stores the checkpoint behind what is passed on, if the watcher keeps one by itself.
 *
 * An event that was handled is written down at once; events that the filter left out, once in a while.
 */
export function remember<E extends Event>(context: RunContext<E>): MonoTypeOperatorFunction<RunProgress<E>> {
  const { options, scheduler } = context;
  if (options.ephemeral || options.checkpoint === 'manual') return (progress$) => progress$;
  return saveProgress((newest) => storeCheckpoint(context, newest), {
    mayWait: ({ outcome }) => outcome === undefined,
    interval: options.checkpointInterval,
    scheduler,
  });
}
