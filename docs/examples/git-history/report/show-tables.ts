import type { ExactlyOnce } from '../views/exactly-once.ts';
import { showNumber } from './show-number.ts';
import { showTable } from './show-table.ts';

/** The line before the tables. */
export const TABLES_HEADING = '== Tables: the same however often the run was cut short ==';

/** What the watchers have computed. It depends on the history alone; a test compares it between runs. */
export function showTables(counters: readonly ExactlyOnce[], latest: number): string {
  return [TABLES_HEADING, `${showNumber(latest)} events`, ...counters.map(showTable)].join('\n\n');
}
