import { EMPTY, NEVER, type Observable, race, retry, tap, throwError, timer } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { backoff } from '../../scheduling/backoff.ts';
import { createSaver } from '../../scheduling/coalescing-writer.ts';
import { isFinal, type Memory, type RunContext } from './run-context.ts';

/**
 * Stores one checkpoint, and if that fails, tries again with the newest there is by then.
 *
 * The end of the run is no reason to give up at once: it ends the delay, and one more attempt is made.
 */
function storeCheckpoint<E extends Event>(
  context: Omit<RunContext<E>, 'memory'>,
  newest: () => number,
): Observable<unknown> {
  const { store, watcherId, options, scheduler, ending, monitor, checkpoints } = context;
  let isLast = false;

  const write = checkpoints.inTurn(() => {
    const seqNum = newest();
    if (context.isSuperseded() || !checkpoints.isForward(seqNum)) return EMPTY;
    isLast = ending.isGiven;
    const stored = checkpoints.moving(seqNum, () => store.storeCheckpoint(watcherId, seqNum));
    return stored.pipe(tap({ complete: () => monitor.checkpointed() }));
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

const NONE: Memory = { failed$: NEVER, done() {}, leftOut() {}, writeNow() {}, flushed: EMPTY };

/** Makes the memory of a run: it stores the checkpoint, if the watcher keeps one by itself. */
export function createMemory<E extends Event>(context: Omit<RunContext<E>, 'memory'>): Memory {
  const { options, scheduler } = context;
  if (options.ephemeral || options.checkpoint === 'manual') return NONE;
  const { failed$, flushed, note, noteAtLeisure, writeNow } = createSaver((newest) =>
    storeCheckpoint(context, newest),
  );
  const leisure = { interval: options.checkpointInterval, scheduler };
  return { failed$, flushed, writeNow, done: note, leftOut: (through) => noteAtLeisure(through, leisure) };
}
