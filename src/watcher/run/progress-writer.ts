import { EMPTY, NEVER, type Observable, race, retry, tap, throwError, timer } from 'rxjs';
import type { Event } from '../../event/event.ts';
import { backoff } from '../../scheduling/backoff.ts';
import { CoalescingWriter } from '../../scheduling/coalescing-writer.ts';
import type { Latch } from '../../scheduling/latch.ts';
import { storeProgress } from '../transaction/transact-in-run.ts';
import { isPermanent, type ProgressWriter, type RunParts } from './run-context.ts';

const storeUnconditionally = <E extends Event>({ store, watcherId }: RunParts<E>, seqNum: number) =>
  store.storeCheckpoint(watcherId, seqNum);

/**
 * Stores a checkpoint. After a failure, the retry stores the checkpoint that is the newest one at that time. When the run
 * ends, a pending retry takes place immediately and is the last one.
 */
function storeCheckpoint<E extends Event>(
  parts: RunParts<E>,
  ending: Latch,
  newest: () => number,
): Observable<unknown> {
  const { options, scheduler, listener, checkpoints } = parts;
  let isLast = false;
  const store = parts.handler.kind === 'transaction' ? storeProgress : storeUnconditionally;

  const write = checkpoints.enqueue(() => {
    const seqNum = newest();
    if (parts.isSuperseded() || !checkpoints.isForward(seqNum)) return EMPTY;
    isLast = ending.isSet;
    const stored = checkpoints.moveTo(seqNum, () => store(parts, seqNum));
    return stored.pipe(tap({ complete: () => listener.checkpointStored() }));
  });
  return write.pipe(
    retry({
      delay(error, failures) {
        listener.failed(error);
        if (isPermanent(error)) return throwError(() => error);
        return isLast ? EMPTY : race(timer(backoff(failures, options), scheduler), ending.set$);
      },
    }),
  );
}

const NONE: ProgressWriter = {
  failed$: NEVER,
  write() {},
  writeDebounced() {},
  writeNow() {},
  flushed: EMPTY,
};

/** Creates the progress writer of a run. The writer does nothing for an ephemeral watcher and for manual checkpoints. */
export function createProgressWriter<E extends Event>(parts: RunParts<E>, ending: Latch): ProgressWriter {
  const { options, scheduler } = parts;
  if (options.ephemeral || options.checkpoint === 'manual') return NONE;
  return new CoalescingWriter((newest) => storeCheckpoint(parts, ending, newest), {
    debounceMs: options.checkpointInterval,
    scheduler,
  });
}
