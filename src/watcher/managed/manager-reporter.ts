import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  audit,
  catchError,
  concat,
  defer,
  EMPTY,
  merge,
  type Observable,
  Subject,
  type Subscription,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';
import { StoreClosedError } from '../../errors.ts';
import { clockOf } from '../../scheduling/clock.ts';
import { CoalescingWriter } from '../../scheduling/coalescing-writer.ts';
import { unrefInterval, unrefTimer } from '../../scheduling/unref-timers.ts';
import { whenDurable } from '../../store/durable-write.ts';
import type { EventStore } from '../../store/event-store.ts';
import {
  isStale,
  type ManagerReport,
  type ManagerReports,
  type ReportedWatcher,
  STALE_INTERVALS,
} from '../../store/monitoring/manager-reports.ts';
import { reporterOf } from '../../store/reporting/logger.ts';
import { textOf } from '../../validation/format-value.ts';

/**
 * Minimum time between two reports of changed states, in milliseconds. It limits the writes of an application that pauses
 * and resumes a watcher often.
 */
const CHANGE_INTERVAL = 100;

/**
 * Minimum age of the last report, in report intervals, before an unchanged report is written again. The age is checked once
 * per interval, so an unchanged report is written every two intervals. A report becomes stale only after three intervals.
 */
const REFRESH_INTERVALS = STALE_INTERVALS / 2;

/** Age at which a stale report is deleted even if no other manager reports its watchers, in milliseconds. */
const MAX_STALE_AGE = 24 * 60 * 60 * 1000;

/** Dependencies and interval of a reporter. */
interface ReporterContext {
  readonly store: Pick<EventStore, 'internals' | 'closed$'>;
  /** Reader and writer of the report table. */
  readonly reports: ManagerReports;
  /** Time between two reports, in milliseconds. */
  readonly interval: number;
  /** Returns the current state of each watcher of the manager. */
  readonly watchers: () => readonly ReportedWatcher[];
}

/** Writer of the reports of one manager. Its timers never keep the process alive. */
export interface ManagerReporter {
  /**
   * Reports the watchers immediately, or when `CHANGE_INTERVAL` has passed since the last report of a change. Called when a
   * watcher is created or removed, or its state changes.
   */
  changed(): void;
  /** Deletes the report, and stops reporting until the next call of `changed`. */
  end(): void;
}

/**
 * Returns the ids of stale reports that can be deleted: other managers report all watchers of the report, or the report is
 * older than `MAX_STALE_AGE`.
 */
function supersededOf(reports: ReadonlyMap<string, ManagerReport>, now: number): readonly string[] {
  const current = [...reports.values()].filter((report) => !isStale(report, now));
  const ids = new Set(current.flatMap(({ watchers }) => watchers.map(({ id }) => id)));
  return [...reports]
    .filter(
      ([, report]) =>
        isStale(report, now) &&
        (now - report.reportedAt > MAX_STALE_AGE || report.watchers.every(({ id }) => ids.has(id))),
    )
    .map(([managerId]) => managerId);
}

/** Deletes the reports that ended managers have not deleted themselves, for example because their processes were killed. */
const deleteSuperseded = (reports: ManagerReports, now: () => number): Observable<unknown> =>
  reports.read().pipe(
    switchMap((all) => {
      const deletions = supersededOf(all, now()).map((managerId) => whenDurable(reports.delete(managerId)));
      return merge(...deletions);
    }),
  );

/**
 * Creates the reporter of a manager. The report contains all watchers of the manager. It is written if it has changed, or has
 * not been written for two intervals. A stale report thus shows that the process has probably ended.
 */
export function createManagerReporter({
  store,
  reports,
  interval,
  watchers,
}: ReporterContext): ManagerReporter {
  const { closed$, internals } = store;
  const { scheduler } = internals;
  const clock = clockOf(scheduler);
  const logger = reporterOf(internals.logger);
  const managerId = randomUUID();
  const changed$ = new Subject<void>();
  let timers: Subscription | undefined;
  let stored: { readonly watchers: string; readonly at: number } | undefined;
  let changeReportedAt = Number.NEGATIVE_INFINITY;
  let cleanedAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let requestCount = 0;

  const cleanUp = defer(() => {
    if (clock() - cleanedAt < STALE_INTERVALS * interval) return EMPTY;
    cleanedAt = clock();
    return deleteSuperseded(reports, () => scheduler.now());
  });
  const storeReport = defer((): Observable<unknown> => {
    const current = watchers();
    const text = JSON.stringify(current);
    const isUnchanged = stored?.watchers === text && clock() - stored.at < REFRESH_INTERVALS * interval;
    if (isUnchanged) return EMPTY;
    const at = clock();
    const report: ManagerReport = {
      host: hostname(),
      pid: process.pid,
      interval,
      reportedAt: scheduler.now(),
      watchers: current,
    };
    const written = whenDurable(reports.store(managerId, report)).pipe(
      tap(() => {
        stored = { watchers: text, at };
        isFailing = false;
      }),
    );
    return concat(written, cleanUp);
  });
  const deleteReport = defer(() => {
    if (stored === undefined) return EMPTY;
    stored = undefined;
    return whenDurable(reports.delete(managerId));
  });
  const writer = new CoalescingWriter((newest) => {
    newest();
    return (timers === undefined ? deleteReport : storeReport).pipe(
      catchError((error) => {
        if (error instanceof StoreClosedError) return EMPTY; // the store has deleted the report
        if (!isFailing) logger.warn(`cannot report the watchers of this process: ${textOf(error)}`);
        isFailing = true;
        return EMPTY;
      }),
    );
  });
  const request = () => writer.write(++requestCount);
  const untilNextChange = () => unrefTimer(changeReportedAt + CHANGE_INTERVAL - clock(), scheduler);

  return {
    changed() {
      timers ??= merge(
        changed$.pipe(
          audit(untilNextChange),
          tap(() => {
            changeReportedAt = clock();
          }),
        ),
        unrefInterval(interval, scheduler),
      )
        .pipe(takeUntil(closed$))
        .subscribe(request);
      changed$.next();
    },
    end() {
      if (timers === undefined) return;
      timers.unsubscribe();
      timers = undefined;
      request();
    },
  };
}
