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

/**
 * Maximum number of records compacted in one transaction. With this number, the transaction takes one or two milliseconds.
 */
const COMPACT_SLICE = 1000;

/** Result of a run so far. */
interface Progress extends GarbageCollectionResult {
  /** Whether nothing is left to delete, or the run has deleted `gcMaxRecordsPerRun` records. */
  readonly isDone: boolean;
}

/** Compacts the log, one transaction after another, until the log is compact or the run is over. */
function compact(log: EventLog, isOver: () => boolean): Observable<never> {
  const slice = defer(() => (isOver() ? of(false) : (log.compact?.(COMPACT_SLICE) ?? of(false))));
  return slice.pipe(
    expand((more) => (more ? slice : EMPTY)),
    ignoreElements(),
  );
}

/**
 * Runs garbage collection once: deletes events, one transaction after another, until nothing is left to delete, a limit of
 * the run is reached, or the store closes. Then compacts the log.
 *
 * The checkpoints are read only once per run, because a read can be a request to a server. The engine compares the
 * checkpoints again in each transaction.
 *
 * @param lowWatermark - Returns the lowest position of the active readers of this process.
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
  const firstSeqNumWithinAge = () =>
    maxAge === undefined ? of(0) : log.seqNumForTimestamp(Math.floor(timeOf(scheduler) - maxAge) + 1);
  const lowestCheckpoint = () =>
    options.gcAgeThreshold === 0
      ? of(undefined)
      : log.checkpoints().pipe(map((all) => (all.size === 0 ? undefined : lowestOf(all.values()))));

  const slice = (deleted: number, lowest: number | undefined): Observable<Progress> =>
    zip(log.bounds(), size(), firstSeqNumWithinAge()).pipe(
      switchMap(([bounds, bytes, firstWithinAge]) => {
        const maxRecords = gcMaxRecordsPerRun - deleted;
        const request = nextTrim(options, {
          ...bounds,
          bytes,
          firstWithinAge,
          lowestCheckpoint: lowest,
          now: timeOf(scheduler),
          lowWatermark,
          maxRecords,
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
    return concat(collected, compact(log, isOver)).pipe(last());
  });
}
