import type { LeaseRow, WatcherRow } from '../../api.ts';
import { live } from '../data/live.ts';
import { hrefOf, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { formatCount } from '../format/format.ts';
import { Empty, Skeleton } from '../parts/messages.tsx';
import { State } from '../parts/state.tsx';
import { STATES } from '../parts/states.ts';
import { Ago } from '../parts/time.tsx';
import { shownState } from './watcher-columns.ts';

/** Process with the watchers that it reports. */
interface Process {
  readonly name: string;
  readonly isLocal: boolean;
  readonly isStale: boolean;
  readonly reportedAt: string | undefined;
  readonly rows: readonly WatcherRow[];
}

/** Groups the watchers by the process that reports them. */
function processesOf(watchers: readonly WatcherRow[]): readonly Process[] {
  const groups = new Map<string, WatcherRow[]>();
  for (const row of watchers) {
    if (row.owner === undefined) continue;
    const name = `${row.owner.host}:${row.owner.pid}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups].map(([name, rows]) => ({
    name,
    rows,
    isLocal: rows.some(({ local }) => local),
    isStale: rows.every(({ stale }) => stale),
    reportedAt: rows
      .map(({ reportedAt }) => reportedAt)
      .sort()
      .at(-1),
  }));
}

function Processes({ watchers }: { readonly watchers: readonly WatcherRow[] }) {
  const processes = processesOf(watchers);
  if (processes.length === 0) {
    return (
      <Empty title="No process reports watchers">
        A manager reports its watchers every ten seconds by default.
      </Empty>
    );
  }
  return (
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Process</th>
            <th scope="col" class="number medium">
              Watchers
            </th>
            <th scope="col">States</th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          {processes.map(({ name, rows, isLocal, isStale, reportedAt }) => (
            <tr key={name}>
              <th scope="row" class="id">
                {name}
                {isLocal && <span class="chip">this process</span>}
              </th>
              <td class="number medium">{formatCount(rows.length)}</td>
              <td>
                <ul class="state-counts">
                  {STATES.map(
                    (state) => [state, rows.filter((row) => shownState(row) === state).length] as const,
                  )
                    .filter(([, count]) => count > 0)
                    .map(([state, count]) => (
                      <li key={state}>
                        <State state={state} /> <span class="figure">{formatCount(count)}</span>
                      </li>
                    ))}
                </ul>
              </td>
              <td class="quiet ago-cell">
                {isLocal ? 'now' : reportedAt && <Ago at={reportedAt} />}
                {isStale && ' · stale'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Leases({ leases }: { readonly leases: readonly LeaseRow[] }) {
  if (leases.length === 0) {
    return (
      <Empty title="No leases" icon="leases">
        Watchers of a manager with the option <code>lease</code> have one each: only its holder runs the
        watcher.
      </Empty>
    );
  }
  return (
    <div class="table-frame">
      <table>
        <thead>
          <tr>
            <th scope="col">Watcher</th>
            <th scope="col">Owner</th>
            <th scope="col" class="number">
              Token
            </th>
          </tr>
        </thead>
        <tbody>
          {leases.map(({ id, watcherId, owner, token }) => (
            <tr key={id}>
              <th scope="row">
                <a href={hrefOf(['watchers', watcherId])} class="row-link">
                  {id}
                </a>
              </th>
              <td class="id">{owner ?? <span class="quiet">released</span>}</td>
              <td class="number">{formatCount(token)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Leases of the watchers, and the processes that report watchers. */
export function LeasesView() {
  const { leases, watchers } = useStore(live);
  useTitle('Leases and processes');
  return (
    <>
      <div class="view-head">
        <h1>Leases and processes</h1>
      </div>
      <section aria-labelledby="leases-title">
        <h2 id="leases-title">Leases</h2>
        {leases === undefined ? <Skeleton rows={4} /> : <Leases leases={leases} />}
      </section>
      <section aria-labelledby="processes-title">
        <h2 id="processes-title">Processes</h2>
        {watchers === undefined ? <Skeleton rows={4} /> : <Processes watchers={watchers} />}
      </section>
    </>
  );
}
