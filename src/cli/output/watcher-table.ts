import type { WatcherReport } from '../../index.ts';
import { formatDuration } from '../arguments/duration.ts';
import type { Style } from './print.ts';
import { type Column, formatTable } from './table.ts';

const STYLES: Readonly<Partial<Record<WatcherReport['state'], Style>>> = {
  running: 'green',
  paused: 'yellow',
  failed: 'red',
};

const numberText = (value: number | undefined): string => (value === undefined ? '' : String(value));

const COLUMNS: readonly Column<WatcherReport>[] = [
  { title: 'WATCHER', value: ({ id }) => id, minWidth: 6 },
  {
    title: 'STATE',
    value: ({ state, stale }) => (stale ? `${state} (stale)` : state),
    style: ({ state, stale }) => (stale ? 'red' : STYLES[state]),
  },
  { title: 'OWNER', value: ({ owner }) => (owner ? `${owner.host}:${owner.pid}` : ''), minWidth: 5 },
  { title: 'CHECKPOINT', value: ({ checkpoint }) => numberText(checkpoint), isNumber: true },
  { title: 'LAG', value: ({ lag }) => numberText(lag), isNumber: true },
  {
    title: 'LAG TIME',
    value: ({ lagTime }) => (lagTime === undefined ? '' : formatDuration(lagTime)),
    isNumber: true,
  },
  { title: 'DEAD', value: ({ deadLetters }) => numberText(deadLetters), isNumber: true },
  {
    title: 'LAST ERROR',
    value: ({ lastError }) => (lastError ? `${lastError.name}: ${lastError.message}` : ''),
    isDetail: true,
  },
];

export const formatWatchers = (watchers: readonly WatcherReport[], width: number): string =>
  formatTable(COLUMNS, watchers, width);
