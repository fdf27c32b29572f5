import type { ComponentChildren } from 'preact';
import type { Overview, WatcherRow } from '../../api.ts';
import { live, rateHistory } from '../data/live.ts';
import { hrefOf, useTitle } from '../data/route.ts';
import { useStore } from '../data/store.ts';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatNoun,
  formatRate,
  UNKNOWN,
} from '../format/format.ts';
import { Chart } from '../parts/chart.tsx';
import { Icon } from '../parts/icon.tsx';
import { Empty, Skeleton } from '../parts/messages.tsx';
import { State } from '../parts/state.tsx';
import { STATES } from '../parts/states.ts';
import { Ago } from '../parts/time.tsx';
import { compareBy } from './watcher-columns.ts';
import { WatcherTable } from './watcher-table.tsx';

/** Figure with its name and an explanation. */
const Tile = ({
  name,
  value,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly children?: ComponentChildren;
}) => (
  <div class="tile">
    <dt>{name}</dt>
    <dd>
      <span class="tile-value">{value}</span>
      <span class="tile-note">{children ?? '\u00a0'}</span>
    </dd>
  </div>
);

/** Lag time from which the watcher with the highest lag time is shown as a problem, in milliseconds. */
const LATE = 60_000;

interface Concern {
  readonly text: string;
  readonly href: string;
  readonly isBad: boolean;
}

/** Returns everything that needs attention, beginning with the most severe. */
function concernsOf({ watchers, worst, deadLetters = 0 }: Overview): readonly Concern[] {
  const counted = (state: keyof Overview['watchers'], text: string, isBad: boolean): Concern[] => {
    const count = watchers[state] ?? 0;
    return count === 0
      ? []
      : [{ text: `${formatNoun(count, 'watcher')} ${text}`, href: hrefOf(['watchers'], { state }), isBad }];
  };
  return [
    ...counted('failed', 'failed', true),
    ...counted('stale', 'without a recent report', true),
    ...counted('paused', 'paused', false),
    ...counted('stopped', 'stopped', false),
    ...(worst && worst.lagTime >= LATE
      ? [
          {
            text: `${worst.id} lags by ${formatDuration(worst.lagTime)}`,
            href: hrefOf(['watchers', worst.id]),
            isBad: false,
          },
        ]
      : []),
    ...(deadLetters > 0
      ? [{ text: formatNoun(deadLetters, 'dead letter'), href: hrefOf(['dead-letters']), isBad: false }]
      : []),
  ];
}

/** Line that states whether something needs attention. */
function Verdict({ overview }: { readonly overview: Overview }) {
  const concerns = concernsOf(overview);
  if (concerns.length === 0) {
    return (
      <p class="verdict verdict-good">
        <Icon name="good" /> Nothing needs attention
      </p>
    );
  }
  return (
    <div class={concerns.some(({ isBad }) => isBad) ? 'verdict verdict-bad' : 'verdict verdict-fair'}>
      <Icon name="warning" />
      <span class="for-readers">Needs attention:</span>
      <ul>
        {concerns.map(({ text, href, isBad }) => (
          <li key={href}>
            <a href={href} class={isBad ? 'concern-bad' : 'concern-fair'}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Number of watchers in each state, as a bar and a legend. */
function States({ watchers }: Pick<Overview, 'watchers'>) {
  const counts = STATES.map((state) => [state, watchers[state] ?? 0] as const).filter(
    ([, count]) => count > 0,
  );
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  return (
    <section class="card" aria-labelledby="states">
      <h2 id="states">
        Watchers by state <span class="quiet figure">{formatCount(total)}</span>
      </h2>
      {total === 0 ? (
        <p class="quiet">No watcher has reported or stored a checkpoint.</p>
      ) : (
        <>
          <div class="state-bar" aria-hidden="true">
            {counts.map(([state, count]) => (
              <span key={state} class={`state-part state-${state}`} style={{ flexGrow: count }} />
            ))}
          </div>
          <ul class="state-counts">
            {counts.map(([state, count]) => (
              <li key={state}>
                <a href={hrefOf(['watchers'], { state })}>
                  <State state={state} /> <span class="figure">{formatCount(count)}</span>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function LogTiles({ overview, rate }: { readonly overview: Overview; readonly rate: number | undefined }) {
  const { oldestSeqNum, latestSeqNum, worst } = overview;
  const isEmpty = oldestSeqNum > latestSeqNum;
  return (
    <dl class="tiles">
      <Tile name="Events" value={formatCount(latestSeqNum - oldestSeqNum + 1)}>
        {isEmpty ? 'the log is empty' : `${formatCount(oldestSeqNum)} – ${formatCount(latestSeqNum)}`}
      </Tile>
      <Tile name="Events per second" value={formatRate(rate)}>
        {overview.latestTimestamp && (
          <>
            last event <Ago at={overview.latestTimestamp} />
          </>
        )}
      </Tile>
      <Tile name="Size" value={formatBytes(overview.bytes)}>
        {overview.fileBytes !== undefined && `file ${formatBytes(overview.fileBytes)}`}
      </Tile>
      <Tile
        name="Oldest event"
        value={
          overview.oldestTimestamp
            ? formatDuration(Date.parse(overview.now) - Date.parse(overview.oldestTimestamp))
            : UNKNOWN
        }
      >
        {overview.oldestTimestamp && (
          <span title={overview.oldestTimestamp}>since {overview.oldestTimestamp.slice(0, 10)}</span>
        )}
      </Tile>
      <Tile name="Worst lag" value={worst ? formatDuration(worst.lagTime) : '0 s'}>
        {worst ? (
          <>
            <a href={hrefOf(['watchers', worst.id])}>{worst.id}</a>, {formatNoun(worst.lag, 'event')}
          </>
        ) : Object.keys(overview.watchers).length === 0 ? (
          'no watchers'
        ) : (
          'every watcher is at the end'
        )}
      </Tile>
      <Tile name="Dead letters" value={formatCount(overview.deadLetters)}>
        {overview.deadLetters === undefined ? (
          'not supported by the engine'
        ) : (
          <a href="#/dead-letters">{overview.deadLetters === 0 ? 'none stored' : 'show'}</a>
        )}
      </Tile>
    </dl>
  );
}

/** Number of watchers that the overview lists. */
const LISTED = 5;

function Worst({ watchers }: { readonly watchers: readonly WatcherRow[] | undefined }) {
  if (watchers === undefined) return <Skeleton rows={LISTED} />;
  const rows = [...watchers].sort(compareBy('lagTime', true)).slice(0, LISTED);
  return rows.length === 0 ? (
    <Empty title="No watchers yet" icon="watchers">
      A watcher appears here when its manager reports it, or when it stores a checkpoint.
    </Empty>
  ) : (
    <WatcherTable rows={rows} />
  );
}

/** Log, watchers by state and everything that needs attention. */
export function OverviewView() {
  const { overview, watchers, rate } = useStore(live);
  useTitle('Overview');
  return (
    <>
      <h1 class="for-readers">Overview</h1>
      {overview === undefined ? (
        <Skeleton rows={8} />
      ) : (
        <>
          <Verdict overview={overview} />
          <LogTiles overview={overview} rate={rate} />
          <div class="columns">
            <section class="card">
              <Chart
                title="Events per second, over time"
                series={rateHistory.series()}
                format={(value) => `${formatRate(value)} /s`}
                formatAxis={formatCompact}
                minScale={1}
              />
            </section>
            <States watchers={overview.watchers} />
          </div>
          <section aria-labelledby="worst">
            <h2 id="worst">
              Highest lag <a href="#/watchers">all watchers</a>
            </h2>
            <Worst watchers={watchers} />
          </section>
        </>
      )}
    </>
  );
}
