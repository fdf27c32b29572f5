import {
  concat,
  defer,
  EMPTY,
  expand,
  from,
  ignoreElements,
  last,
  map,
  type Observable,
  of,
  switchMap,
  zip,
} from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { clockOf, timeOf } from '../../scheduling/clock.ts';
import type { GarbageCollectionResult } from '../event-store.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import { lowestOf, nextTrim } from './retention-policy.ts';

/** Records rearranged in one transaction: a millisecond or two of work. */
const TIDY_SLICE = 1000;

/** A run at a moment: what it has done, and whether there may be more to do. */
interface Progress extends GarbageCollectionResult {
  readonly isDone: boolean;
}

/** Has the engine rearrange what is left, slice after slice, until it is done or the run is over. */
function tidy(log: EventLog, isOver: () => boolean): Observable<never> {
  const slice = defer(() => (isOver() ? of(false) : (log.compact?.(TIDY_SLICE) ?? of(false))));
  return slice.pipe(
    expand((more) => (more ? slice : EMPTY)),
    ignoreElements(),
  );
}

/**
 * One run of garbage collection: slice after slice, each in a transaction of its own, until nothing is left to let go
 * of or a bound of the run is reached.
 *
 * A store that closes meanwhile ends the run after the current slice. The checkpoints are read once per run, to find
 * out what may go at all; the engine looks at them again in each transaction.
 *
 * @param lowWatermark - The last number that no running watcher of this process has still to read.
 */
export function collectGarbage(
  log: EventLog,
  options: ResolvedStoreOptions,
  lowWatermark: () => number,
  isClosed: () => boolean,
): Observable<GarbageCollectionResult> {
  const { scheduler, gcMaxRecordsPerRun, gcMaxDuration, retention } = options;
  const { maxAge, maxBytes } = retention;
  const size = () => (maxBytes === undefined ? of(0) : log.bytes());
  const withinAge = () =>
    maxAge === undefined ? of(0) : log.seqNumForTimestamp(Math.floor(timeOf(scheduler) - maxAge) + 1);
  const lowestCheckpoint = () =>
    options.gcAgeThreshold === 0
      ? of(undefined)
      : log.checkpoints().pipe(map((all) => (all.size === 0 ? undefined : lowestOf(all.values()))));

  const slice = (deleted: number, lowest: number | undefined): Observable<Progress> =>
    zip(log.bounds(), size(), withinAge()).pipe(
      switchMap(([bounds, bytes, firstWithinAge]) => {
        const left = gcMaxRecordsPerRun - deleted;
        const request = nextTrim(options, {
          ...bounds,
          bytes,
          firstWithinAge,
          lowestCheckpoint: lowest,
          now: timeOf(scheduler),
          lowWatermark,
          left,
        });
        if (request === undefined) return of({ deleted, oldestSeqNum: bounds.oldest, isDone: true });
        return from(log.trim(request)).pipe(
          map((trimmed) => ({
            deleted: deleted + trimmed.deleted,
            oldestSeqNum: trimmed.oldest,
            isDone: trimmed.deleted === 0,
          })),
        );
      }),
    );

  return defer(() => {
    const clock = clockOf(scheduler);
    const deadline = clock() + gcMaxDuration;
    const isOver = () => isClosed() || clock() >= deadline;
    const collected = lowestCheckpoint().pipe(
      switchMap((lowest) =>
        slice(0, lowest).pipe(
          expand(({ deleted, isDone }) => (isDone || isOver() ? EMPTY : slice(deleted, lowest))),
        ),
      ),
      last(),
      map(({ deleted, oldestSeqNum }) => ({ deleted, oldestSeqNum })),
    );
    return concat(collected, tidy(log, isOver)).pipe(last());
  });
}
