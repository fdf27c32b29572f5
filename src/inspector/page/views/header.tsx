import { useNow } from '../data/clock.ts';
import { live } from '../data/live.ts';
import { useStore } from '../data/store.ts';
import { formatCompact, formatDuration, formatTimeOfDay } from '../format/format.ts';
import { Icon, type IconName } from '../parts/icon.tsx';

const VIEWS: readonly (readonly [IconName, string])[] = [
  ['overview', 'Overview'],
  ['watchers', 'Watchers'],
  ['events', 'Events'],
  ['dead-letters', 'Dead letters'],
  ['leases', 'Leases'],
];

/** State of the connection, as a word and a dot. */
function ConnectionState() {
  const { connection } = useStore(live);
  const words = { connecting: 'Connecting', live: 'Live', lost: 'Disconnected' };
  return <span class={`connection connection-${connection}`}>{words[connection]}</span>;
}

/** Number next to the link to a view that needs attention. */
function Badge({ view }: { readonly view: IconName }) {
  const { overview } = useStore(live);
  const failed = (overview?.watchers.failed ?? 0) + (overview?.watchers.stale ?? 0);
  const count = view === 'dead-letters' ? (overview?.deadLetters ?? 0) : view === 'watchers' ? failed : 0;
  if (view !== 'dead-letters' && view !== 'watchers') return null;
  if (count === 0) return <span class="badge badge-empty" />;
  return (
    <span class="badge">
      {formatCompact(count)}
      <span class="for-readers">{view === 'watchers' ? ' need attention' : ' stored'}</span>
    </span>
  );
}

/** Name of the log, state of the connection, and links to the views. */
export function Header({ view }: { readonly view: string }) {
  const { overview } = useStore(live);
  return (
    <header class="header">
      <div class="header-line">
        <a class="brand" href="#/overview">
          rx-watcher
        </a>
        <span class="source" title={overview && `version ${overview.version}`}>
          {overview ? `${overview.engine} · ${overview.host}:${overview.pid}` : '\u00a0'}
        </span>
        {overview && !overview.canAct && (
          <span class="chip" title="This inspector was created with readOnly">
            read-only
          </span>
        )}
        {overview?.redacted && (
          <span class="chip" title="The host of this inspector hides parts of the events">
            redacted
          </span>
        )}
        <ConnectionState />
      </div>
      <nav aria-label="Views">
        <ul class="views">
          {VIEWS.map(([name, label]) => (
            <li key={name}>
              <a href={`#/${name}`} aria-current={view === name ? 'page' : undefined}>
                <Icon name={name} />
                <span class="view-label" data-label={label}>
                  {label}
                </span>
                <Badge view={name} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}

/** Message that the figures are old, or that the store cannot be read. */
export function LiveProblem() {
  const { connection, receivedAt, problem, overview } = useStore(live);
  useNow();
  if (problem) {
    return (
      <div class="notice notice-bad" role="alert">
        <Icon name="warning" />
        <div class="notice-text">
          <strong>The store cannot be read</strong>
          <p>{problem.detail}</p>
          <code class="quiet">{problem.code}</code>
        </div>
      </div>
    );
  }
  if (connection !== 'lost') return null;
  return (
    <div class="notice notice-bad" role="alert">
      <Icon name="warning" />
      <div class="notice-text">
        <strong>Disconnected from the server</strong>
        <p>
          {overview
            ? `The figures are from ${formatTimeOfDay(new Date(receivedAt)).slice(0, 8)}. `
            : 'No figures have arrived yet. '}
          The page connects again by itself.
        </p>
      </div>
      {overview && (
        <span class="figure">{formatDuration(Math.floor((Date.now() - receivedAt) / 1000) * 1000)}</span>
      )}
    </div>
  );
}
