import type { Observable } from 'rxjs';

/** Storage of reports: one row for each manager of any process. An engine does not interpret the rows. */
export interface ReportTable {
  /** Stores the row of a manager, and replaces the earlier row of this manager. */
  store(managerId: string, report: Uint8Array): void | Promise<void>;
  /** Emits all rows, by the id of the manager. */
  read(): Observable<ReadonlyMap<string, Uint8Array>>;
  /** Deletes the row of a manager if it exists. */
  delete(managerId: string): void | Promise<void>;
}
