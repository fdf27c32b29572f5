import { useEffect, useState } from 'preact/hooks';
import type { DeadLetterPage, DeadLetterRow } from '../../api.ts';
import { live } from '../data/live.ts';
import { apiPath, getJson } from '../data/request.ts';
import { useResource } from '../data/resource.ts';
import { hrefOf, navigate, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { formatCount } from '../format/format.ts';
import { ErrorLine } from '../parts/errors.tsx';
import { Empty, Failure, Skeleton } from '../parts/messages.tsx';
import { Ago } from '../parts/time.tsx';
import { DeleteAll, OneDeadLetter, RedriveAll } from './dead-letter-actions.tsx';

/** Number of dead letters that one request returns. */
const LIMIT = 100;

/** Action of the open dialog. */
type Open =
  | { readonly action: 'redrive' | 'delete'; readonly row: DeadLetterRow }
  | { readonly action: 'redrive-all' | 'delete-all' };

interface Loaded {
  /** Value of `next` of the first page, at which `rows` begins. If the first page has changed, `rows` is discarded. */
  readonly after: string;
  readonly watcher: string;
  readonly rows: readonly DeadLetterRow[];
  readonly next: string | null;
}

/** Returns the rows of a page, and a function that appends the next page to them. */
function useMorePages(page: DeadLetterPage | undefined, watcher: string) {
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<unknown>();
  const isCurrent = loaded !== undefined && loaded.after === page?.next && loaded.watcher === watcher;
  const more = isCurrent ? loaded : undefined;
  const next = more ? more.next : (page?.next ?? null);
  const loadMore = async () => {
    if (page === undefined || page.next === null || next === null) return;
    setError(undefined);
    try {
      const answer = await getJson<DeadLetterPage>(
        apiPath(['dead-letters'], { watcher, after: next, limit: LIMIT }),
      );
      setLoaded({
        after: page.next,
        watcher,
        rows: [...(more?.rows ?? []), ...answer.deadLetters],
        next: answer.next,
      });
    } catch (failure) {
      setError(failure);
    }
  };
  return { rows: page && [...page.deadLetters, ...(more?.rows ?? [])], next, loadMore, error };
}

function Table({
  rows,
  onAct,
}: {
  readonly rows: readonly DeadLetterRow[];
  readonly onAct: (open: Open) => void;
}) {
  const canAct = rows.some(({ actions }) => actions.length > 0);
  return (
    <div class="table-frame">
      <table class="dead-letters">
        <thead>
          <tr>
            <th scope="col" class="number">
              Event
            </th>
            <th scope="col">Watcher</th>
            <th scope="col">Error</th>
            <th scope="col" class="medium">
              Type and key
            </th>
            <th scope="col" class="number wide">
              Attempts
            </th>
            <th scope="col" class="medium">
              Given up
            </th>
            {canAct && (
              <th scope="col">
                <span class="for-readers">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { watcherId, seqNum, error, objectType, operation, key, attempts, lastTime, actions } = row;
            return (
              <tr key={`${watcherId}\0${seqNum}`}>
                <th scope="row" class="number">
                  <a href={hrefOf(['dead-letters', watcherId, seqNum])}>{formatCount(seqNum)}</a>
                </th>
                <td class="id">{watcherId}</td>
                <td class="error-cell">
                  {error ? <ErrorLine error={error} /> : <span class="quiet">no error stored</span>}
                </td>
                <td class="medium">
                  {objectType ? (
                    <>
                      <span class={`operation operation-${operation}`}>{operation}</span> {objectType}{' '}
                      <span class="quiet">{key}</span>
                    </>
                  ) : (
                    <span class="quiet">cannot be read</span>
                  )}
                </td>
                <td class="number wide">{formatCount(attempts)}</td>
                <td class="medium quiet ago-cell">
                  <Ago at={lastTime} />
                </td>
                {canAct && (
                  <td class="row-actions">
                    {actions.includes('redrive') && (
                      <button type="button" class="small" onClick={() => onAct({ action: 'redrive', row })}>
                        Redrive
                        <span class="for-readers">
                          {' '}
                          event {seqNum} of {watcherId}
                        </span>
                      </button>
                    )}
                    {actions.includes('delete') && (
                      <button type="button" class="small" onClick={() => onAct({ action: 'delete', row })}>
                        Delete
                        <span class="for-readers">
                          {' '}
                          event {seqNum} of {watcherId}
                        </span>
                      </button>
                    )}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Dead letters of all watchers, or of the watcher in the address. */
export function DeadLettersView({ query }: { readonly query: URLSearchParams }) {
  const { overview, watchers } = useStore(live);
  const watcher = query.get('watcher') ?? '';
  useTitle(watcher === '' ? 'Dead letters' : `Dead letters of ${watcher}`);
  // The list is requested again when the number of dead letters changes.
  const { data, error, reload } = useResource<DeadLetterPage>(
    apiPath(['dead-letters'], { watcher, limit: LIMIT }),
    overview?.deadLetters,
  );
  const { rows, next, loadMore, error: moreError } = useMorePages(data, watcher);
  const [open, setOpen] = useState<Open>();
  const close = () => setOpen(undefined);
  useEffect(close, [watcher]);
  const ids = [
    ...new Set([
      ...(watchers ?? []).filter((row) => row.deadLetters).map(({ id }) => id),
      ...(watcher ? [watcher] : []),
    ]),
  ].sort();
  const total =
    watcher === '' ? overview?.deadLetters : watchers?.find(({ id }) => id === watcher)?.deadLetters;
  const can = (action: 'redrive' | 'delete') =>
    watcher !== '' && rows?.some(({ actions }) => actions.includes(action));
  return (
    <>
      <div class="view-head">
        <h1>Dead letters</h1>
        <span class="quiet figure">{formatCount(total)}</span>
        <div class="filters">
          <label>
            <span>Watcher</span>
            <select
              value={watcher}
              onChange={({ currentTarget }) =>
                navigate(hrefOf(['dead-letters'], { watcher: currentTarget.value }))
              }
            >
              <option value="">all</option>
              {ids.map((id) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div class="actions">
          {can('redrive') && (
            <button type="button" onClick={() => setOpen({ action: 'redrive-all' })}>
              Redrive all
            </button>
          )}
          {can('delete') && (
            <button type="button" onClick={() => setOpen({ action: 'delete-all' })}>
              Delete all
            </button>
          )}
        </div>
      </div>
      {overview?.canAct && watcher === '' && ids.length > 0 && (
        <p class="quiet hint">Choose a watcher to redrive or delete all of its dead letters.</p>
      )}
      {error !== undefined && <Failure error={error} onRetry={reload} />}
      {rows === undefined ? (
        error === undefined && <Skeleton rows={8} />
      ) : rows.length === 0 ? (
        <Empty title="No dead letters" icon="good">
          {watcher === '' ? (
            'No watcher has given an event up.'
          ) : (
            <a href="#/dead-letters">Show those of all watchers</a>
          )}
        </Empty>
      ) : (
        <Table rows={rows} onAct={setOpen} />
      )}
      {moreError !== undefined && <Failure error={moreError} />}
      {next !== null && (
        <button type="button" class="more" onClick={() => void loadMore()}>
          Show more
        </button>
      )}
      {open && 'row' in open && (
        <OneDeadLetter
          action={open.action}
          watcherId={open.row.watcherId}
          seqNum={open.row.seqNum}
          onClose={close}
          onEnd={reload}
        />
      )}
      {open?.action === 'redrive-all' && <RedriveAll watcherId={watcher} onClose={close} onEnd={reload} />}
      {open?.action === 'delete-all' && <DeleteAll watcherId={watcher} onClose={close} onEnd={reload} />}
    </>
  );
}
