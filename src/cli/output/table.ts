import { type Style, styled } from './print.ts';
import { cut, safeText, widthOf, wrap } from './text.ts';

export interface Column<R> {
  readonly title: string;
  /** Returns the text of a row in this column. The table escapes the text. */
  readonly value: (row: R) => string;
  /**
   * Minimum width of the column, for a terminal that is too narrow for the whole texts. By default, the texts of the column
   * are never cut.
   */
  readonly minWidth?: number;
  /** Whether the column contains numbers. Numbers are aligned at the right. */
  readonly isNumber?: boolean;
  /** Whether the texts of the column move to lines below their rows if the table is too wide. Only for the last column. */
  readonly isDetail?: boolean;
  /** Returns the style of a text. It applies only to an output with colours. */
  readonly style?: (row: R) => Style | undefined;
}

const GAP = '  ';

/** Rows of a table, with their escaped texts. */
interface Cells<R> {
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly cells: readonly (readonly string[])[];
}

/** Returns the widths of the columns if no text is cut. */
const fullWidths = <R>({ columns, cells }: Cells<R>): number[] =>
  columns.map(({ title }, index) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[index] as string)), widthOf(title)),
  );

const sumOf = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));

/** Returns the widths of the columns; `undefined` if the table cannot be made narrow enough. */
function columnWidths<R>(table: Cells<R>, width: number): readonly number[] | undefined {
  const widths = fullWidths(table);
  const minima = table.columns.map(({ title, minWidth }, index) =>
    minWidth === undefined ? (widths[index] as number) : Math.max(minWidth, widthOf(title)),
  );
  for (let excess = sumOf(widths) - width; excess > 0; excess--) {
    // Make the widest column that may be cut one character narrower, so that short texts remain whole.
    const [widest] = widths
      .map((each, index) => ({ each, index }))
      .filter(({ each, index }) => each > (minima[index] as number))
      .sort((a, b) => b.each - a.each);
    if (widest === undefined) return undefined;
    widths[widest.index] = widest.each - 1;
  }
  return widths;
}

/** @param styleOf - Returns the style of the text of a column. */
function renderRow<R>(
  columns: readonly Column<R>[],
  row: readonly string[],
  widths: readonly number[],
  styleOf: (column: Column<R>) => Style | undefined,
): string {
  const cells = columns.map((column, index) => {
    const width = widths[index] as number;
    const text = cut(row[index] as string, width);
    const padding = ' '.repeat(width - widthOf(text));
    const style = styleOf(column);
    const cell = style === undefined ? text : styled(style, text);
    return column.isNumber ? padding + cell : cell + padding;
  });
  return cells.join(GAP).trimEnd();
}

/** Maximum number of lines below a row. */
const MAX_DETAIL_LINES = 2;

/** Returns the lines below a row that contain the text of the detail column. */
const renderDetail = (text: string, width: number): readonly string[] =>
  text === '' ? [] : wrap(text, width - GAP.length, MAX_DETAIL_LINES).map((line) => GAP + line);

/** Name and value, and the style of the value. */
export type Field = readonly [name: string, value: string, style?: Style | undefined];

/** Returns each name and its value as a line. Long values are wrapped. */
export function formatFields(fields: readonly Field[], width: number): string {
  const nameWidth = Math.max(...fields.map(([name]) => widthOf(safeText(name))));
  const indentation = ' '.repeat(nameWidth) + GAP;
  return fields
    .map(([unsafeName, value, style]) => {
      const name = safeText(unsafeName);
      const lines = wrap(safeText(value), width - indentation.length).map((line) =>
        style === undefined ? line : styled(style, line),
      );
      return styled('bold', name) + indentation.slice(widthOf(name)) + lines.join(`\n${indentation}`);
    })
    .join('\n');
}

/** Returns the rows of a table as lines; `undefined` if the table cannot be made narrow enough. */
function renderTable<R>(table: Cells<R>, width: number): readonly string[] | undefined {
  const { columns, rows, cells } = table;
  const widths = columnWidths(table, width);
  if (widths === undefined) return undefined;
  const titles = columns.map(({ title }) => title);
  return [
    renderRow(columns, titles, widths, () => 'bold'),
    ...cells.map((row, index) => renderRow(columns, row, widths, ({ style }) => style?.(rows[index] as R))),
  ];
}

/** Returns a table in which a detail column is below the rows; `undefined` if that is not necessary or not possible. */
function renderWithDetails<R>(table: Cells<R>, width: number): readonly string[] | undefined {
  const { columns, rows, cells } = table;
  const last = columns.length - 1;
  if (!columns[last]?.isDetail || sumOf(fullWidths(table)) <= width) return undefined;
  const others = { columns: columns.slice(0, last), rows, cells: cells.map((row) => row.slice(0, last)) };
  const lines = renderTable(others, width);
  return lines?.flatMap((line, index) => [line, ...renderDetail(cells[index - 1]?.[last] ?? '', width)]);
}

/**
 * Returns a table with one line for each row. If the texts do not fit the width, a detail column moves below the rows, and
 * then other texts are cut. If the terminal is too narrow for that, each row is a block of lines.
 *
 * @param width - Width of the output, in columns.
 */
export function formatTable<R>(columns: readonly Column<R>[], rows: readonly R[], width: number): string {
  const cells = rows.map((row) => columns.map(({ value }) => safeText(value(row))));
  const table = { columns, rows, cells };
  const lines = renderWithDetails(table, width) ?? renderTable(table, width);
  if (lines !== undefined) return lines.join('\n');
  const blocks = cells.map((row, index) =>
    columns
      .map(({ title, style }, column): Field => [title, row[column] as string, style?.(rows[index] as R)])
      .filter(([, value]) => value !== ''),
  );
  return blocks.map((fields) => formatFields(fields, width)).join('\n\n');
}
