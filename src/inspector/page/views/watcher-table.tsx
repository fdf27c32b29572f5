import type { WatcherRow } from '../../api.ts';
import { lagHistoryOf, rowKey } from '../data/live.ts';
import { hrefOf } from '../data/route.ts';
import { formatCount, formatDuration } from '../format/format.ts';
import { ErrorLine } from '../parts/errors.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { State } from '../parts/state.tsx';
import { Ago } from '../parts/time.tsx';
import { type SortKey, shownState } from './watcher-columns.ts';

/** Column by which the table is sorted. */
export interface Sorting {
  readonly key: SortKey;
  readonly isDescending: boolean;
  readonly onSort: (key: SortKey) => void;
}

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly class?: string }[] = [
  { key: 'id', label: 'Watcher' },
  { key: 'state', label: 'State' },
  { key: 'lag', label: 'Lag', class: 'number' },
  { key: 'lagTime', label: 'Lag time', class: 'number' },
  { key: 'checkpoint', label: 'Checkpoint', class: 'number wide' },
  { key: 'deadLetters', label: 'Dead', class: 'number medium' },
  { key: 'owner', label: 'Process', class: 'wide' },
  { key: 'reportedAt', label: 'Reported', class: 'wide' },
];

function ColumnHead({
  column,
  sorting,
}: {
  readonly column: (typeof COLUMNS)[number];
  readonly sorting?: Sorting;
}) {
  const isSorted = sorting?.key === column.key;
  return (
    <th
      scope="col"
      class={column.class}
      aria-sort={isSorted ? (sorting.isDescending ? 'descending' : 'ascending') : undefined}
    >
      {sorting ? (
        <button type="button" class="sort" onClick={() => sorting.onSort(column.key)}>
          {column.label}
          <span class="sort-arrow" aria-hidden="true">
            {isSorted ? (sorting.isDescending ? '▼' : '▲') : ''}
          </span>
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

function Row({ row }: { readonly row: WatcherRow }) {
  const { id, owner, lag, lagTime, checkpoint, deadLetters, lastError, reportedAt } = row;
  return (
    <tr>
      <th scope="row">
        <a href={hrefOf(['watchers', id])} class="row-link">
          {id}
        </a>
        {lastError && <ErrorLine error={lastError} />}
      </th>
      <td>
        <State state={shownState(row)} />
      </td>
      <td class="number">
        <span class="with-trend">
          <Sparkline series={lagHistoryOf(row).lag.series()} />
          <span class="figure lag-figure">{formatCount(lag)}</span>
        </span>
      </td>
      <td class="number duration-cell">{formatDuration(lagTime)}</td>
      <td class="number wide">{formatCount(checkpoint)}</td>
      <td class="number medium">
        {deadLetters ? (
          <a href={hrefOf(['dead-letters'], { watcher: id })}>{formatCount(deadLetters)}</a>
        ) : (
          formatCount(deadLetters)
        )}
      </td>
      <td class="wide quiet process-cell">{owner ? `${owner.host}:${owner.pid}` : 'not reported'}</td>
      <td class="wide quiet ago-cell">
        {row.local ? 'this process' : reportedAt ? <Ago at={reportedAt} /> : '–'}
      </td>
    </tr>
  );
}

/** Table of watchers. With `sorting`, the user can sort the table by the heads of its columns. */
export const WatcherTable = ({
  rows,
  sorting,
}: {
  readonly rows: readonly WatcherRow[];
  readonly sorting?: Sorting;
}) => (
  <div class="table-frame">
    <table class="watchers">
      <thead>
        <tr>
          {COLUMNS.map((column) => (
            <ColumnHead key={column.key} column={column} {...(sorting && { sorting })} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={rowKey(row)} row={row} />
        ))}
      </tbody>
    </table>
  </div>
);
