import { map, type Observable } from 'rxjs';
import type { EventLog } from '../../engine/contract/event-log.ts';
import { promiseTry } from '../../scheduling/promise-try.ts';
import type { SerializedError } from '../dead-letter.ts';
import { durableWrite } from '../durable-write.ts';
import type { OpenGuard } from '../open-guard.ts';
import type { WatcherState } from './watcher-state.ts';

/** State of a watcher, as its manager reports it. */
export interface ReportedWatcher {
  /** Id of the watcher. */
  readonly id: string;
  readonly state: WatcherState;
  /** Sequence number from which the lag is computed if the watcher has no stored checkpoint. */
  readonly position?: number;
  /** Last error, without its stack. */
  readonly lastError?: SerializedError;
  /** Partitions of the watcher; missing if it has none. */
  readonly partitions?: ReportedPartitions;
}

/** Partitions of a watcher, as its manager reports them. */
export interface ReportedPartitions {
  /** Number of partitions of the watcher in all processes. */
  readonly count: number;
  /** Indices of the partitions that the process handles, in order. */
  readonly owned: readonly number[];
}

/** Report of a manager about its watchers, as it is stored. */
export interface ManagerReport {
  /** Name of the host of the manager. */
  readonly host: string;
  /** Id of the process of the manager. */
  readonly pid: number;
  /** Report interval of this manager, in milliseconds. The report is stale after three intervals. */
  readonly interval: number;
  /** Time of the report, in milliseconds since 1970. */
  readonly reportedAt: number;
  /** All watchers of the manager. */
  readonly watchers: readonly ReportedWatcher[];
}

/**
 * Number of report intervals after which a report is stale. A manager writes its report at least every two intervals; the third
 * one is a margin.
 */
export const STALE_INTERVALS = 3;

/** Returns whether a report is stale: its manager has stopped reporting, for example because its process was killed. */
export const isStale = ({ reportedAt, interval }: ManagerReport, now: number): boolean =>
  now - reportedAt > STALE_INTERVALS * interval;

/** Reports of the managers of all processes. */
export interface ManagerReports {
  /** Stores the report of a manager, and replaces the earlier report of this manager. */
  store(managerId: string, report: ManagerReport): Promise<void>;
  /** Emits all reports, by the id of the manager. Omits rows that another version has written in another format. */
  read(): Observable<ReadonlyMap<string, ManagerReport>>;
  /**
   * Deletes the report of a manager if it exists. Afterwards, `store.watchers()` lists a watcher of that manager only if the
   * watcher has a checkpoint.
   */
  delete(managerId: string): Promise<void>;
}

function decode(row: Uint8Array): ManagerReport | undefined {
  try {
    const report: ManagerReport = JSON.parse(Buffer.from(row).toString());
    return Array.isArray(report.watchers) ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Returns an Observable of the reports in the table of an engine; `undefined` if the engine does not support reports. */
export const readReports = ({
  reports,
}: EventLog): Observable<ReadonlyMap<string, ManagerReport>> | undefined =>
  reports?.read().pipe(
    map((rows) => {
      const decoded = new Map<string, ManagerReport>();
      for (const [managerId, row] of rows) {
        const report = decode(row);
        if (report !== undefined) decoded.set(managerId, report);
      }
      return decoded;
    }),
  );

/**
 * Creates the reports of a store; `undefined` if the engine does not support reports.
 *
 * @returns The reports, and the function `end`, which deletes the reports that this store has stored. `end` must be called
 *   before the engine is closed.
 */
export function createManagerReports(
  log: EventLog,
  guard: OpenGuard,
): { readonly reports: ManagerReports; readonly end: () => void } | undefined {
  const table = log.reports;
  if (table === undefined) return undefined;
  const stored = new Set<string>();
  const remove = (managerId: string): Promise<void> =>
    promiseTry(() => {
      stored.delete(managerId);
      return durableWrite(table.delete(managerId));
    });
  return {
    reports: {
      store: (managerId, report) =>
        promiseTry(() => {
          guard.assertOpen();
          stored.add(managerId);
          return durableWrite(table.store(managerId, Buffer.from(JSON.stringify(report))));
        }),
      read: () => guard.reading(() => readReports(log) as Observable<ReadonlyMap<string, ManagerReport>>),
      delete: (managerId) =>
        promiseTry(() => {
          guard.assertOpen();
          return remove(managerId);
        }),
    },
    end() {
      for (const managerId of stored) remove(managerId).catch(() => undefined);
    },
  };
}
