import type { WatcherRow } from '../../api.ts';
import { lagHistoryOf, live, rowKey } from '../data/live.ts';
import { hrefOf, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import { formatCompact, formatCount, formatDuration, formatNoun } from '../format/format.ts';
import { Chart } from '../parts/chart.tsx';
import { ErrorChain } from '../parts/errors.tsx';
import { Facts } from '../parts/facts.tsx';
import { Empty, Skeleton } from '../parts/messages.tsx';
import { State } from '../parts/state.tsx';
import { Ago } from '../parts/time.tsx';
import { WatcherActions } from './watcher-actions.tsx';
import { shownState } from './watcher-columns.ts';

/** Possible distances between two labels on the axis of the lag time, in milliseconds. */
const TIME_STEPS = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 21_600, 86_400].flatMap((s) =>
  s < 60 ? [s * 100, s * 1000] : [s * 1000],
);

/** Formats a duration for an axis, with its largest unit. */
const axisDuration = (ms: number): string =>
  formatDuration(ms)
    .replace(/^(\S+ \S+) .*$/, '$1')
    .replace('.0', '');

/** Partitions that a process handles, for example `4 of 16: 0, 3, 7, 9`. */
const partitionsText = ({ count, owned }: NonNullable<WatcherRow['partitions']>): string =>
  `${owned.length} of ${count}${owned.length > 0 && owned.length < count ? `: ${owned.join(', ')}` : ''}`;

function Report({ row, isOnly }: { readonly row: WatcherRow; readonly isOnly: boolean }) {
  const { id, owner, checkpoint, lag, lagTime, deadLetters, partitions } = row;
  const { reportedAt, counts, lastError, stale, local } = row;
  const process = owner ? `${owner.host}:${owner.pid}` : undefined;
  const history = lagHistoryOf(row);
  return (
    <section aria-label={process ? `Report of ${process}` : 'Watcher without a report'}>
      <div class="report-head">
        <State state={row.state} />
        {stale && <State state="stale" />}
        <span class="quiet">
          {process ? `${local ? 'this process, ' : ''}${process}` : 'no manager reports this watcher'}
        </span>
        {reportedAt && !local && (
          <span class="quiet">
            reported <Ago at={reportedAt} />
          </span>
        )}
      </div>
      {stale && (
        <p class="notice notice-fair">
          The process has not reported for three intervals. It has ended or is blocked, so the state may have
          changed since.
        </p>
      )}
      <Facts
        isFixed
        of={[
          ['Lag', lag === undefined ? 'not known' : formatNoun(lag, 'event')],
          ['Lag time', lagTime === undefined ? 'not known' : formatDuration(lagTime)],
          [
            'Checkpoint',
            checkpoint === undefined ? (
              'none stored'
            ) : (
              <a href={hrefOf(['events', checkpoint])}>{formatCount(checkpoint)}</a>
            ),
          ],
          [
            'Dead letters',
            deadLetters === undefined ? undefined : deadLetters === 0 ? (
              '0'
            ) : (
              <a href={hrefOf(['dead-letters'], { watcher: id })}>{formatCount(deadLetters)}</a>
            ),
          ],
          ['Partitions', partitions && partitionsText(partitions)],
          ['Handled', counts && formatCount(counts.handled)],
          ['Given up', counts && formatCount(counts.skipped)],
          ['Retries', counts && formatCount(counts.retries)],
        ]}
      />
      {lag !== undefined && (isOnly || row.state !== 'standby') && (
        <div class="columns even">
          <div class="card">
            <Chart
              title="Lag, in events"
              series={history.lag.series()}
              format={(value) => formatNoun(value, 'event')}
              formatAxis={formatCompact}
              minScale={10}
            />
          </div>
          <div class="card">
            <Chart
              title="Lag time"
              series={history.lagTime.series()}
              format={formatDuration}
              formatAxis={axisDuration}
              minScale={1000}
              steps={TIME_STEPS}
            />
          </div>
        </div>
      )}
      {lastError && (
        <div class="card">
          <h2>Last error</h2>
          <ErrorChain errors={[lastError]} />
          <p class="quiet">It stays here after the watcher has recovered.</p>
        </div>
      )}
    </section>
  );
}

/** One watcher, with the report of each process that has created it. */
export function WatcherView({ id }: { readonly id: string }) {
  const { watchers } = useStore(live);
  useTitle(id);
  const rows = watchers?.filter((row) => row.id === id) ?? [];
  // The process that runs the watcher is first. The other processes wait for the lease.
  const ordered = [...rows].sort((a, b) => Number(a.state === 'standby') - Number(b.state === 'standby'));
  const acting = rows.find(({ actions }) => actions.length > 0);
  return (
    <>
      <p class="path">
        <a href="#/watchers">Watchers</a> <span aria-hidden="true">/</span>
      </p>
      <div class="view-head">
        <h1 class="id">{id}</h1>
        {rows.length > 1 && <span class="quiet">{formatCount(rows.length)} processes</span>}
        {ordered[0] && rows.length > 1 && <State state={shownState(ordered[0])} />}
        {acting && <WatcherActions row={acting} />}
      </div>
      {watchers === undefined ? (
        <Skeleton rows={8} />
      ) : ordered.length === 0 ? (
        <Empty title="No such watcher" icon="search">
          No manager reports a watcher with this id, and no checkpoint is stored under it.{' '}
          <a href="#/watchers">Show all watchers</a>
        </Empty>
      ) : (
        ordered.map((row) => <Report key={rowKey(row)} row={row} isOnly={ordered.length === 1} />)
      )}
    </>
  );
}
