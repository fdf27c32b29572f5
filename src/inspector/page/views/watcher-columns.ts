import type { CountedState, WatcherRow } from '../../api.ts';
import { STATES } from '../parts/states.ts';

/** Column of the watchers by which they can be sorted. */
export type SortKey =
  | 'id'
  | 'state'
  | 'lag'
  | 'lagTime'
  | 'checkpoint'
  | 'deadLetters'
  | 'owner'
  | 'reportedAt';

/** Returns the state of a row; `stale` if the report is old, because the state can have changed since then. */
export const shownState = ({ state, stale }: WatcherRow): CountedState => (stale ? 'stale' : state);

const VALUES: Readonly<Record<SortKey, (row: WatcherRow) => string | number | undefined>> = {
  id: ({ id }) => id,
  state: (row) => -STATES.indexOf(shownState(row)),
  lag: ({ lag }) => lag,
  lagTime: ({ lagTime }) => lagTime,
  checkpoint: ({ checkpoint }) => checkpoint,
  deadLetters: ({ deadLetters }) => deadLetters,
  owner: ({ owner }) => owner && `${owner.host}:${owner.pid}`,
  reportedAt: ({ reportedAt }) => reportedAt,
};

export const isSortKey = (text: string | null): text is SortKey =>
  text !== null && Object.hasOwn(VALUES, text);

/**
 * Returns a comparison of rows by a column, and by the id if the values are equal. Rows without a value are last in both
 * directions.
 */
export function compareBy(key: SortKey, isDescending: boolean): (a: WatcherRow, b: WatcherRow) => number {
  const columnOf = VALUES[key];
  return (a, b) => {
    const [x, y] = [columnOf(a), columnOf(b)];
    if (x === y) return a.id < b.id ? -1 : 1;
    if (x === undefined) return 1;
    if (y === undefined) return -1;
    return x < y === isDescending ? 1 : -1;
  };
}
