/** Prints the results: the tables, which depend on the history alone, and the totals of this run. */
import Table from 'cli-table3';
import { formatNumber, printable } from './command-line.ts';
import type { Followed, Follower } from './follow-history.ts';

/** Line before the tables. */
export const TABLES_HEADING = '== Tables: the same after any number of interruptions ==';

/** Line before the totals. */
export const TOTALS_HEADING = '== This run: different numbers each time ==';

const ROWS = 10;
const WIDEST_CELL = 60;

/** Formats the tables. The same history always gives the same text. */
export function formatTables({ followers, latest }: Followed): string {
  const tables = followers.map(formatTable);
  return [TABLES_HEADING, `${formatNumber(latest)} events`, ...tables].join('\n\n');
}

function formatTable({ view, rows }: Follower): string {
  const { title, head, compare, cells } = view.table;
  const { first, total } = top(rows.stored(), ROWS, compare);
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of first) {
    table.push(
      cells(row).map((cell) =>
        typeof cell === 'number'
          ? { content: formatNumber(cell), hAlign: 'right' as const }
          : shorten(printable(cell), WIDEST_CELL),
      ),
    );
  }
  return `${title} (${formatNumber(first.length)} of ${formatNumber(total)})\n${table.toString()}`;
}

/** Formats the totals of this run. */
export function formatTotals({ imported, latest, followers }: Followed): string {
  const rate = (events: number, time = 0) =>
    time > 0 ? `${formatNumber((events * 1000) / time)} events/s` : '';
  const stored = `${formatNumber(imported.stored)} events stored, ${formatNumber(latest)} in all`;
  const rows = [
    ['storing', stored, rate(imported.stored, imported.duration)],
    ...followers.map(({ watcher, duration }) => {
      const { handled } = watcher.stats();
      return [watcher.id, `${formatNumber(handled)} events handled`, rate(handled, duration)];
    }),
    ['memory', `${formatNumber(process.resourceUsage().maxRSS / 1024)} MB at most`, ''],
  ];
  const lines = rows.map(([name = '', text = '', speed = '']) =>
    `${name.padEnd(14)} ${text.padEnd(42)} ${speed}`.trimEnd(),
  );
  return [TOTALS_HEADING, ...lines].join('\n');
}

/**
 * Returns the `count` values that come first in the order of `compare`, and the number of all values. Holds at most `count`
 * values in memory.
 */
export function top<T>(
  values: Iterable<T>,
  count: number,
  compare: (a: T, b: T) => number,
): { first: readonly T[]; total: number } {
  const first: T[] = [];
  let total = 0;
  for (const value of values) {
    total++;
    const last = first.at(-1);
    if (first.length === count && last !== undefined && compare(value, last) >= 0) continue;
    const before = first.findIndex((other) => compare(value, other) < 0);
    first.splice(before < 0 ? first.length : before, 0, value);
    if (first.length > count) first.pop();
  }
  return { first, total };
}

/** Removes the middle of a text that is longer than `width` characters: both ends of a path are useful. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const end = Math.ceil((width - 1) / 2);
  return `${characters.slice(0, width - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`;
}
