import { readFileSync } from 'node:fs';

/** One cell of the table in the guide. */
export interface Transition {
  readonly command: string;
  readonly state: string;
  /** States that follow, or the name of an error class. */
  readonly expected: readonly string[];
}

const GUIDE = new URL('../../../docs/guides/watcher-states.md', import.meta.url);

const cellsOf = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.replaceAll('`', '').trim());

/** Returns the transitions in the guide, without impossible combinations of command and state. */
export function transitions(): readonly Transition[] {
  const rows = readFileSync(GUIDE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const [, ...states] = cellsOf(rows[0] ?? '');
  return rows
    .slice(2)
    .map(cellsOf)
    .flatMap(([command = '', ...cells]) =>
      cells.map((cell, index) => ({ command, state: states[index] ?? '', expected: cell.split(', ') })),
    )
    .filter(({ expected: [first] }) => first !== '–');
}
