import { createHash } from 'node:crypto';
import type { Database, RootDatabase } from 'lmdb';

/** Name of the sub-database with the reports of the managers of all logs of an environment. */
export const REPORTS_BUCKET = 'rx-watcher/reports';

/** Encoded reports of managers, by log and manager. */
export type ReportDatabase = Database<Buffer, string>;

export const openReports = (env: RootDatabase): ReportDatabase =>
  env.openDB({ name: REPORTS_BUCKET, encoding: 'binary' });

/** Table of the reports of the managers of one log. Methods that write must be called inside a write of the `WriteQueue`. */
export interface LmdbReportsTable {
  /** Returns all reports, by the id of the manager. */
  read(): ReadonlyMap<string, Uint8Array>;
  /** Writes the report of a manager, and replaces the previous report of this manager. */
  put(managerId: string, report: Uint8Array): Promise<boolean>;
  /** Deletes the report of a manager if it exists. */
  remove(managerId: string): Promise<boolean>;
}

/**
 * Creates the report table of a log.
 *
 * @param name - Name of the log. Each key begins with a digest of this name, which separates the rows of different logs.
 */
export function createReportsTable(reports: ReportDatabase, name: string): LmdbReportsTable {
  const prefix = `${createHash('sha256').update(name, 'utf8').digest('hex')}/`;
  const keyOf = (managerId: string): string => `${prefix}${managerId}`;
  return {
    read() {
      const rows = new Map<string, Uint8Array>();
      for (const { key, value } of reports.getRange({ start: prefix })) {
        if (!key.startsWith(prefix)) break;
        rows.set(key.slice(prefix.length), value);
      }
      return rows;
    },
    put: (managerId, report) => reports.put(keyOf(managerId), report as Buffer),
    remove: (managerId) => reports.remove(keyOf(managerId)),
  };
}
