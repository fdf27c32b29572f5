import { EMPTY, NEVER, type Observable, race, retry, tap, throwError, timer } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { backoff } from '../../scheduling/backoff.ts';
import { createCoalescingWriter } from '../../scheduling/coalescing-writer.ts';
import { isFinal, type ProgressWriter, type RunContext } from './run-context.ts';

/**
 * Stores one checkpoint, and if that fails, tries again with the newest there is by then.
 *
 * The end of the run is no reason to give up at once: it ends the delay, and one more attempt is made.
 */
function storeCheckpoint<E extends Event>(
  context: Omit<RunContext<E>, 'progress'>,
  newest: () => number,
): Observable<unknown> {
  const { store, watcherId, options, scheduler, ending, listener, checkpoints } = context;
  let isLast = false;

  const write = checkpoints.inTurn(() => {
    const seqNum = newest();
    if (context.isSuperseded() || !checkpoints.isForward(seqNum)) return EMPTY;
    isLast = ending.isSet;
    const stored = checkpoints.moving(seqNum, () => store.storeCheckpoint(watcherId, seqNum));
    return stored.pipe(tap({ complete: () => listener.checkpointed() }));
  });
  return write.pipe(
    retry({
      delay(error, failures) {
        listener.failed(error);
        if (isFinal(error)) return throwError(() => error);
        return isLast ? EMPTY : race(timer(backoff(failures, options), scheduler), ending.set$);
      },
    }),
  );
}

const NONE: ProgressWriter = { failed$: NEVER, written() {}, skipped() {}, writeNow() {}, flushed: EMPTY };

/** Makes the memory of a run: it stores the checkpoint, if the watcher keeps one by itself. */
export function createProgressWriter<E extends Event>(
  context: Omit<RunContext<E>, 'progress'>,
): ProgressWriter {
  const { options, scheduler } = context;
  if (options.ephemeral || options.checkpoint === 'manual') return NONE;
  const { failed$, flushed, write, writeDebounced, writeNow } = createCoalescingWriter((newest) =>
    storeCheckpoint(context, newest),
  );
  const leisure = { debounceMs: options.checkpointInterval, scheduler };
  return {
    failed$,
    flushed,
    writeNow,
    written: write,
    skipped: (through) => writeDebounced(through, leisure),
  };
}
