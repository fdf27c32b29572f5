import { TABLES_HEADING } from '../../docs/examples/git-history/report/show-tables.ts';
import { TOTALS_HEADING } from '../../docs/examples/git-history/report/show-totals.ts';
import type { DemoEnd } from './start-demo.ts';

/** What the demo printed that depends on the history alone. */
export function tablesOf({ stdout, stderr, code }: DemoEnd): string {
  const begin = stdout.indexOf(TABLES_HEADING);
  const end = stdout.indexOf(TOTALS_HEADING);
  if (begin < 0 || end < begin) throw new Error(`no tables (exit code ${code}): ${stdout}${stderr}`);
  return stdout.slice(begin, end);
}
