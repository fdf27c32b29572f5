import Table from 'cli-table3';
import { type Style, styled } from './print.ts';
import { cut, safeText, widthOf } from './text.ts';

/** Column of a table. */
export interface Column<R> {
  readonly title: string;
  /** Returns the text of a row. The table escapes it. */
  readonly value: (row: R) => string;
  /** Minimum width, if the table must be narrower than its texts. By default the column is not made narrower. */
  readonly minWidth?: number;
  /** Whether the column has numbers, which are aligned at the right. */
  readonly isNumber?: boolean;
  /** Returns the style of a text, on a terminal with colours. */
  readonly style?: (row: R) => Style | undefined;
}

const GAP = '  ';

/** Layout without borders, so that the columns can be copied and piped. */
const LAYOUT = {
  chars: {
    ...Object.fromEntries(
      ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) =>
        ['', '-left', '-mid', '-right'].map((part) => [`${side}${part}`, '']),
      ),
    ),
    middle: GAP,
  },
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
};

/** Returns the widths of the columns; `undefined` if the table cannot be made narrow enough. */
function columnWidths<R>(
  columns: readonly Column<R>[],
  cells: readonly (readonly string[])[],
  width: number,
): readonly number[] | undefined {
  const widths = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[index] as string))),
  );
  const minima = columns.map(({ title, minWidth }, index) =>
    minWidth === undefined ? (widths[index] as number) : Math.max(minWidth, widthOf(title)),
  );
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (columns.length - 1)) - width;
  while (excess > 0) {
    // Take a column from the widest text that may be cut, so that short texts remain whole.
    const [widest] = widths
      .map((each, index) => ({ each, index }))
      .filter(({ each, index }) => each > (minima[index] as number))
      .sort((a, b) => b.each - a.each);
    if (widest === undefined) return undefined;
    widths[widest.index] = widest.each - 1;
    excess--;
  }
  return widths;
}

/** @param styleOf - Returns the style of a cell. */
function renderRows<R>(
  columns: readonly Column<R>[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
  styleOf: (row: number, column: number) => Style | undefined,
): string {
  const table = new Table({
    ...LAYOUT,
    colWidths: [...widths],
    colAligns: columns.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
  });
  for (const [row, cells] of rows.entries()) {
    table.push(
      cells.map((cell, column) => {
        const text = cut(cell, widths[column] as number);
        const style = styleOf(row, column);
        return style === undefined ? text : styled(style, text);
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Returns a row as one line for each text, for a terminal that is too narrow for a table. */
function renderRecord<R>(columns: readonly Column<R>[], row: readonly string[], width: number): string {
  const titleWidth = Math.max(...columns.map(({ title }) => widthOf(title)));
  return columns
    .map(({ title }, index) => ({ title: title.padEnd(titleWidth), text: row[index] as string }))
    .filter(({ text }) => text !== '')
    .map(({ title, text }) => styled('bold', title) + GAP + cut(text, width - titleWidth - GAP.length))
    .join('\n');
}

/**
 * Returns a table with one line for each row. Texts are cut to fit the width. If the terminal is too narrow for that, each
 * row is a block of lines.
 *
 * @param width - Width of the output, in columns.
 */
export function formatTable<R>(columns: readonly Column<R>[], rows: readonly R[], width: number): string {
  const cells = rows.map((row) => columns.map(({ value }) => safeText(value(row))));
  const widths = columnWidths(columns, cells, width);
  if (widths === undefined) return cells.map((row) => renderRecord(columns, row, width)).join('\n\n');
  const head = renderRows(columns, [columns.map(({ title }) => title)], widths, () => 'bold');
  if (cells.length === 0) return head;
  const styleOf = (row: number, column: number) => columns[column]?.style?.(rows[row] as R);
  return `${head}\n${renderRows(columns, cells, widths, styleOf)}`;
}

/** Returns names and values as lines. Values are cut to fit the width. */
export function formatFields(fields: readonly (readonly [string, string])[], width: number): string {
  const safeFields = fields.map(([name, value]) => [safeText(name), safeText(value)] as const);
  const nameWidth = Math.max(...safeFields.map(([name]) => widthOf(name)));
  return safeFields
    .map(([name, value]) => {
      const padding = ' '.repeat(nameWidth - widthOf(name));
      return `${styled('bold', name)}${padding}${GAP}${cut(value, width - nameWidth - GAP.length)}`;
    })
    .join('\n');
}
