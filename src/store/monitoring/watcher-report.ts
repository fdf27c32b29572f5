import { forkJoin, from, map, mergeMap, type Observable, of, switchMap, toArray } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import type { SerializedError } from '../dead-letter.ts';
import { partitionNameOf } from '../partition-id.ts';
import { type Backlog, lagOf, readBacklog } from './backlog.ts';
import {
  isStale,
  type ManagerReport,
  type ReportedPartitions,
  type ReportedWatcher,
  readReports,
} from './manager-reports.ts';
import type { WatcherState } from './watcher-state.ts';

/**
 * Watcher of any process, as its manager has reported it. A watcher that no manager reports has only the figures that
 * follow from its checkpoint.
 */
export interface WatcherReport {
  /** Id of the watcher. With leases, several processes can report the same id, and all but one are in standby. */
  readonly id: string;
  /** State at the time of the report; `unknown` if no manager reports the watcher. */
  readonly state: WatcherState | 'unknown';
  /** Process of the manager; missing if no manager reports the watcher. */
  readonly owner?: { readonly host: string; readonly pid: number };
  /** Stored checkpoint; missing if the watcher has stored none. With partitions, the lowest checkpoint of a partition. */
  readonly checkpoint?: number;
  /**
   * Number of events between the checkpoint and the end of the log, at the time of the read. Without a checkpoint, the lag
   * is computed from the position that the manager reports. Missing if there is neither a checkpoint nor such a position.
   */
  readonly lag?: number;
  /**
   * Age of the oldest stored event after the checkpoint, in milliseconds, at the time of the read; 0 at the tail. Missing if
   * `lag` is missing.
   */
  readonly lagTime?: number;
  /** Number of the dead letters of the watcher; missing if the engine does not support dead letters. */
  readonly deadLetters?: number;
  /** Last error of the handler, of a read or of a write. The error remains here after the watcher has recovered. */
  readonly lastError?: SerializedError;
  /** Partitions that the process handles; missing if the watcher has none, or no manager reports it. */
  readonly partitions?: ReportedPartitions;
  /** Time of the report; missing if no manager reports the watcher. */
  readonly reportedAt?: Date;
  /** Whether the report is older than three report intervals of its manager: the process has ended or is blocked. */
  readonly stale: boolean;
}

/** Watcher with its report, if there is one. */
interface SeenWatcher extends Pick<ReportedWatcher, 'id' | 'position' | 'lastError' | 'partitions'> {
  readonly report?: ManagerReport;
  readonly state: WatcherReport['state'];
}

/** Returns one checkpoint per watcher. For a watcher with partitions, it is the lowest checkpoint of a partition. */
function byWatcher(checkpoints: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const lowest = new Map<string, number>();
  for (const [id, seqNum] of checkpoints) {
    const watcherId = partitionNameOf(id)?.watcherId ?? id;
    lowest.set(watcherId, Math.min(seqNum, lowest.get(watcherId) ?? seqNum));
  }
  return lowest;
}

/** Maximum number of concurrent reads of the log. */
const CONCURRENT_READS = 16;

/** Returns the watchers of all reports, and the watchers that have only a checkpoint, ordered by id, host and process. */
function watchersOf(
  reports: readonly ManagerReport[],
  checkpoints: ReadonlyMap<string, number>,
): readonly SeenWatcher[] {
  const reported = reports.flatMap((report) => report.watchers.map((watcher) => ({ ...watcher, report })));
  const reportedIds = new Set(reported.map(({ id }) => id));
  const others = [...checkpoints.keys()].filter((id) => !reportedIds.has(id));
  const key = ({ id, report }: SeenWatcher) => [id, report?.host ?? '', `${report?.pid ?? 0}`.padStart(10)];
  return [...reported, ...others.map((id) => ({ id, state: 'unknown' as const }))]
    .map((watcher): [string, SeenWatcher] => [key(watcher).join('\0'), watcher])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, watcher]) => watcher);
}

/** Emits one map from each position to the backlog after the position. */
const readBacklogs = (log: EventLog, positions: Iterable<number>): Observable<ReadonlyMap<number, Backlog>> =>
  from(positions).pipe(
    mergeMap(
      (position) => readBacklog(log, position).pipe(map((backlog) => [position, backlog] as const)),
      CONCURRENT_READS,
    ),
    toArray(),
    map((backlogs) => new Map(backlogs)),
  );

/** Emits the watchers of all processes. */
export const readWatchers = (log: EventLog, now: () => number): Observable<readonly WatcherReport[]> =>
  forkJoin([log.checkpoints(), readReports(log) ?? of(new Map<string, ManagerReport>())]).pipe(
    switchMap(([all, reports]) => {
      const checkpoints = byWatcher(all);
      const watchers = watchersOf([...reports.values()], checkpoints);
      const positionOf = ({ id, position }: SeenWatcher) => checkpoints.get(id) ?? position;
      const positions = watchers.map(positionOf).filter((position) => position !== undefined);
      return forkJoin({
        backlogs: readBacklogs(log, new Set(positions)),
        deadLetters: log.deadLetters?.count(watchers.map(({ id }) => id)) ?? of(undefined),
      }).pipe(
        map(({ backlogs, deadLetters }) =>
          watchers.map((watcher, index): WatcherReport => {
            const { id, state, lastError, partitions, report } = watcher;
            const checkpoint = checkpoints.get(id);
            const position = positionOf(watcher);
            const count = deadLetters?.ofWatchers[index];
            return {
              id,
              state,
              ...(report && { owner: { host: report.host, pid: report.pid } }),
              ...(checkpoint !== undefined && { checkpoint }),
              ...(position !== undefined && lagOf(backlogs.get(position) as Backlog, position, now())),
              ...(count !== undefined && { deadLetters: count }),
              ...(lastError && { lastError }),
              ...(partitions && { partitions }),
              ...(report && { reportedAt: new Date(report.reportedAt) }),
              stale: report !== undefined && isStale(report, now()),
            };
          }),
        ),
      );
    }),
  );
