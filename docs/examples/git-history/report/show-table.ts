import Table from 'cli-table3';
import { printable } from '../printable.ts';
import type { ExactlyOnce } from '../views/exactly-once.ts';
import { shorten } from './shorten.ts';
import { showNumber } from './show-number.ts';
import { top } from './top.ts';

const ROWS = 10;
const WIDEST_CELL = 60;

/** Prints a view's first rows. It is made of the rows alone, so that the same rows always give the same text. */
export function showTable<Row>({ view, rows }: ExactlyOnce<Row>): string {
  const { title, head, compare, cells } = view.table;
  const { first, total } = top(rows.written(), ROWS, compare);
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
  for (const row of first) {
    table.push(
      cells(row).map((cell) =>
        typeof cell === 'number'
          ? { content: showNumber(cell), hAlign: 'right' as const }
          : shorten(printable(cell), WIDEST_CELL),
      ),
    );
  }
  return `${title} (${showNumber(first.length)} of ${showNumber(total)})\n${table.toString()}`;
}
