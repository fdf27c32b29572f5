import { catchError, defer, EMPTY, ignoreElements, type Observable, of, switchMap, tap, zip } from 'rxjs';
import type { EventLog, LogBounds } from '../../engine/contract/event-log.ts';
import { timeOf } from '../../scheduling/clock.ts';
import { textOf } from '../../validation/format-value.ts';
import type { Claims } from '../claims.ts';
import type { ResolvedStoreOptions } from '../store-options.ts';
import type { Troubles } from './troubles.ts';

/** Time, in milliseconds, by which events may be dated ahead of the clock: those of several machines differ a little. */
const AHEAD = 60 * 60 * 1000;

/** What to look at, and where to report. */
interface Looked {
  readonly log: EventLog;
  readonly options: ResolvedStoreOptions;
  readonly claims: Claims;
  readonly troubles: Troubles;
  readonly isClosed: () => boolean;
}

/** Checkpoint that held the log when it was last looked at. */
interface Holder {
  readonly watcherId: string;
  readonly seqNum: number;
  isReported: boolean;
}

/** Returns the lowest checkpoint, if there is one. */
function lowest(checkpoints: ReadonlyMap<string, number>): Holder | undefined {
  let found: Holder | undefined;
  for (const [watcherId, seqNum] of checkpoints) {
    if (found === undefined || seqNum < found.seqNum) found = { watcherId, seqNum, isReported: false };
  }
  return found;
}

/**
 * Looks, at each subscription, for what keeps old events in the log, and reports each trouble once until it is over. For use
 * after each run of garbage collection; it never errors.
 *
 * A checkpoint holds the log if events after it are older than `gcAgeThreshold`. It is reported if no watcher of its id runs
 * on this store, and if it has not moved since the last look: a watcher of another process that catches up moves it, and a
 * watcher that starts with the process runs by then.
 */
export function lookForTrouble({ log, options, claims, troubles, isClosed }: Looked): Observable<never> {
  const { gcAgeThreshold, scheduler, logger } = options;
  let holder: Holder | undefined;
  let isAhead = false;

  const judgeCheckpoint = (found: Holder | undefined, { oldest, latest }: LogBounds, firstYoung: number) => {
    const held =
      found === undefined ? 0 : Math.min(firstYoung - 1, latest) - Math.max(found.seqNum, oldest - 1);
    if (found === undefined || held <= 0 || claims.isClaimed(found.watcherId)) {
      holder = undefined;
      return;
    }
    const { watcherId, seqNum } = found;
    if (holder?.watcherId !== watcherId || holder.seqNum !== seqNum) holder = found;
    else if (!holder.isReported) {
      holder.isReported = true;
      const message = `garbage collection keeps ${held} events older than gcAgeThreshold for watcher '${watcherId}', which does not run on this store: its checkpoint, ${seqNum}, does not move; start the watcher, or, if it is gone for good, call deleteCheckpoint`;
      troubles.report({ kind: 'log-held-by-checkpoint', message, watcherId });
    }
  };
  const judgeClock = (firstAhead: number, latest: number) => {
    const wasAhead = isAhead;
    isAhead = firstAhead <= latest;
    if (!isAhead || wasAhead) return;
    const message = `the events from ${firstAhead} on are dated more than an hour ahead of the clock, and later ones get no earlier time: garbage collection by age keeps them until the clock is past that; the clock of a process that appends was wrong, or this one is`;
    troubles.report({ kind: 'clock-ahead', message });
  };
  return defer(() => (isClosed() ? EMPTY : log.bounds())).pipe(
    switchMap((bounds) => {
      if (isClosed()) return EMPTY;
      const now = Math.floor(timeOf(scheduler));
      const isByAge = gcAgeThreshold > 0;
      return zip(
        of(bounds),
        log.seqNumForTimestamp(now + AHEAD + 1),
        isByAge ? log.seqNumForTimestamp(now - gcAgeThreshold) : of(0),
        isByAge ? log.checkpoints() : of(new Map<string, number>()),
      );
    }),
    tap(([bounds, firstAhead, firstYoung, checkpoints]) => {
      judgeClock(firstAhead, bounds.latest);
      judgeCheckpoint(lowest(checkpoints), bounds, firstYoung);
    }),
    ignoreElements(),
    // What cannot be read fails the run of garbage collection, and readers, by itself.
    catchError((error) => {
      logger.debug(`cannot look for what holds the log: ${textOf(error)}`);
      return EMPTY;
    }),
  );
}
