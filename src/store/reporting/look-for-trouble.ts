import { catchError, defer, EMPTY, ignoreElements, type Observable, of, switchMap, tap, zip } from 'rxjs';
import type { EventLog, LogBounds } from '../../engine/contract/event-log.ts';
import { timeOf } from '../../scheduling/clock.ts';
import { textOf } from '../../validation/format-value.ts';
import type { Claims } from '../claims.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import type { Troubles } from './troubles.ts';

/**
 * Maximum time, in milliseconds, by which a timestamp may be ahead of the clock without a report. The clocks of different
 * machines always differ a little.
 */
const MAX_AHEAD = 60 * 60 * 1000;

/** Parts of the store that `lookForTrouble` reads, and the receiver of its reports. */
interface TroubleContext {
  readonly log: EventLog;
  readonly options: ResolvedStoreOptions;
  readonly claims: Claims;
  readonly troubles: Troubles;
  readonly isClosed: () => boolean;
}

/** Checkpoint that retained old events at the last check. */
interface RetainingCheckpoint {
  readonly watcherId: string;
  readonly seqNum: number;
  isReported: boolean;
}

/** Returns the lowest checkpoint, if there is one. */
function lowest(checkpoints: ReadonlyMap<string, number>): RetainingCheckpoint | undefined {
  let found: RetainingCheckpoint | undefined;
  for (const [watcherId, seqNum] of checkpoints) {
    if (found === undefined || seqNum < found.seqNum) found = { watcherId, seqNum, isReported: false };
  }
  return found;
}

/**
 * Checks, at each subscription, whether a checkpoint or a clock retains old events in the log. Reports each trouble once
 * until it has ended. Runs after each run of garbage collection, and never errors.
 *
 * A checkpoint retains events if an event after it is older than `gcAgeThreshold`. The checkpoint is reported if it is
 * unchanged since the last check and no watcher with its id runs on this store. The comparison with the last check prevents
 * false reports. Between two checks, a watcher that catches up in another process moves its checkpoint, and a program that
 * has just started starts its watchers.
 */
export function lookForTrouble(context: TroubleContext): Observable<never> {
  const { log, options, claims, troubles, isClosed } = context;
  const { gcAgeThreshold, scheduler, logger } = options;
  let suspect: RetainingCheckpoint | undefined;
  let isAhead = false;

  const checkCheckpoint = (
    checkpoint: RetainingCheckpoint | undefined,
    { oldest, latest }: LogBounds,
    firstYoung: number,
  ) => {
    const retained =
      checkpoint === undefined
        ? 0
        : Math.min(firstYoung - 1, latest) - Math.max(checkpoint.seqNum, oldest - 1);
    if (checkpoint === undefined || retained <= 0 || claims.isClaimed(checkpoint.watcherId)) {
      suspect = undefined;
      return;
    }
    const { watcherId, seqNum } = checkpoint;
    if (suspect?.watcherId !== watcherId || suspect.seqNum !== seqNum) suspect = checkpoint;
    else if (!suspect.isReported) {
      suspect.isReported = true;
      const message = `garbage collection cannot delete ${retained} events older than gcAgeThreshold: the checkpoint of watcher '${watcherId}' stays at ${seqNum}, and the watcher does not run on this store. Start the watcher, or call deleteCheckpoint if it is no longer used`;
      troubles.report({ kind: 'log-held-by-checkpoint', message, watcherId });
    }
  };
  const checkClock = (firstAhead: number, latest: number) => {
    const wasAhead = isAhead;
    isAhead = firstAhead <= latest;
    if (!isAhead || wasAhead) return;
    const message = `the timestamps from event ${firstAhead} on are more than an hour ahead of the clock. Garbage collection by age keeps these events until the clock has passed them. Check the clocks of this process and of all processes that append`;
    troubles.report({ kind: 'clock-ahead', message });
  };
  return defer(() => (isClosed() ? EMPTY : log.bounds())).pipe(
    switchMap((bounds) => {
      if (isClosed()) return EMPTY;
      const now = Math.floor(timeOf(scheduler));
      const isByAge = gcAgeThreshold > 0;
      return zip(
        of(bounds),
        log.seqNumForTimestamp(now + MAX_AHEAD + 1),
        isByAge ? log.seqNumForTimestamp(now - gcAgeThreshold) : of(0),
        isByAge ? log.checkpoints() : of(new Map<string, number>()),
      );
    }),
    tap(([bounds, firstAhead, firstYoung, checkpoints]) => {
      checkClock(firstAhead, bounds.latest);
      checkCheckpoint(lowest(checkpoints), bounds, firstYoung);
    }),
    ignoreElements(),
    // An engine that cannot be read is reported elsewhere: the run of garbage collection and all reads fail, too.
    catchError((error) => {
      logger.debug(`cannot check the log for troubles: ${textOf(error)}`);
      return EMPTY;
    }),
  );
}
