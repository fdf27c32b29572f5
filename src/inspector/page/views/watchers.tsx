import { live } from '../data/live.ts';
import { hrefOf, navigate, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { formatCount } from '../format/format.ts';
import { Empty, Skeleton } from '../parts/messages.tsx';
import { STATES } from '../parts/states.ts';
import { compareBy, isSortKey, type SortKey, shownState } from './watcher-columns.ts';
import { WatcherTable } from './watcher-table.tsx';

/** Columns that are first sorted in descending order, with the highest value on top. */
const DESCENDING: ReadonlySet<SortKey> = new Set(['state', 'lag', 'lagTime', 'deadLetters', 'reportedAt']);

/** All watchers of all processes. State, text and sorting are part of the address. */
export function WatchersView({ query }: { readonly query: URLSearchParams }) {
  const { watchers } = useStore(live);
  useTitle('Watchers');
  const sort = query.get('sort');
  const key = isSortKey(sort) ? sort : 'state';
  const isDescending = (query.get('order') ?? (DESCENDING.has(key) ? 'desc' : 'asc')) === 'desc';
  const state = query.get('state') ?? '';
  const text = query.get('find') ?? '';
  const show = (change: Readonly<Record<string, string>>) =>
    navigate(hrefOf(['watchers'], { ...Object.fromEntries(query), ...change }), { replace: true });
  const onSort = (next: SortKey) => {
    const descends = next === key ? !isDescending : DESCENDING.has(next);
    show({ sort: next, order: descends ? 'desc' : 'asc' });
  };
  const rows = watchers
    ?.filter(
      (row) =>
        (state === '' || shownState(row) === state) && row.id.toLowerCase().includes(text.toLowerCase()),
    )
    .sort(compareBy(key, isDescending));
  return (
    <>
      <div class="view-head">
        <h1>Watchers</h1>
        <span class="quiet figure">
          {rows &&
            watchers &&
            (rows.length === watchers.length ? '' : `${formatCount(rows.length)} of `) +
              formatCount(watchers.length)}
        </span>
        <div class="filters">
          <label>
            <span>Find</span>
            <input
              type="search"
              value={text}
              placeholder="part of an id"
              onInput={({ currentTarget }) => show({ find: currentTarget.value })}
            />
          </label>
          <label>
            <span>State</span>
            <select value={state} onChange={({ currentTarget }) => show({ state: currentTarget.value })}>
              <option value="">any</option>
              {STATES.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      </div>
      {rows === undefined ? (
        <Skeleton rows={8} />
      ) : watchers?.length === 0 ? (
        <Empty title="No watchers yet" icon="watchers">
          A watcher appears here when its manager reports it, or when it stores a checkpoint.
        </Empty>
      ) : rows.length === 0 ? (
        <Empty title="No watcher matches" icon="search">
          <a href="#/watchers">Show all watchers</a>
        </Empty>
      ) : (
        <WatcherTable rows={rows} sorting={{ key, isDescending, onSort }} />
      )}
    </>
  );
}
