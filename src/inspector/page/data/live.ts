import type { LeaseList, LeaseRow, Overview, Problem, WatcherList, WatcherRow } from '../../api.ts';
import { onSecond, setServerTime } from './clock.ts';
import { createHistory, createRateMeter, type History } from './history.ts';
import { createStore } from './store.ts';

/**
 * State of the connection to the resource `api/live`.
 *
 * - `connecting`: no snapshot has arrived yet.
 * - `live`: snapshots arrive.
 * - `lost`: the connection has ended, and the browser or the page connects again.
 */
export type Connection = 'connecting' | 'live' | 'lost';

/** Snapshots of the server, and the series that the page has collected from them. */
export interface Live {
  readonly connection: Connection;
  /** Time of the last snapshot by the clock of the browser, in milliseconds since 1970; 0 before the first one. */
  readonly receivedAt: number;
  /** Problem that the server has reported instead of a snapshot. */
  readonly problem: Problem | undefined;
  readonly overview: Overview | undefined;
  /** Events per second of the last ten seconds. */
  readonly rate: number | undefined;
  readonly watchers: readonly WatcherRow[] | undefined;
  readonly leases: readonly LeaseRow[] | undefined;
}

/** Latest snapshots that the server has sent, and the state of the connection. */
export const live = createStore<Live>({
  connection: 'connecting',
  receivedAt: 0,
  problem: undefined,
  overview: undefined,
  rate: undefined,
  watchers: undefined,
  leases: undefined,
});

/** Series of the events per second, from the opening of the page on. */
export const rateHistory = createHistory();

/** Lag and lag time of one row of the watchers, since the page was opened. */
export interface LagHistory {
  readonly lag: History;
  readonly lagTime: History;
}

const lagHistories = new Map<string, LagHistory>();

/** Text that identifies a row of the watchers: an id, and the process that reports it. */
export const rowKey = ({ id, owner }: WatcherRow): string =>
  `${id}\0${owner?.host ?? ''}\0${owner?.pid ?? ''}`;

/** Returns the history of a row. The first call for a row creates an empty history. */
export const lagHistoryOf = (row: WatcherRow): LagHistory => {
  const key = rowKey(row);
  let history = lagHistories.get(key);
  if (history === undefined) {
    history = { lag: createHistory(), lagTime: createHistory() };
    lagHistories.set(key, history);
  }
  return history;
};

/** Delay after which the page connects again if the browser does not connect again itself, in milliseconds. */
export const RECONNECT_DELAY = 3000;

/**
 * Time without a snapshot after which the connection counts as lost, in milliseconds. The server sends a snapshot at least
 * every 15 s, so two snapshots are missing by then.
 */
const SILENCE = 35_000;

const meter = createRateMeter();

const update = (change: Partial<Live>) => live.set({ ...live.get(), ...change });
const received = (change: Partial<Live>) =>
  update({ connection: 'live', receivedAt: Date.now(), problem: undefined, ...change });

function onWatchers(watchers: readonly WatcherRow[]): void {
  const keys = new Set(watchers.map(rowKey));
  for (const key of lagHistories.keys()) if (!keys.has(key)) lagHistories.delete(key);
  received({ watchers });
}

/**
 * Adds the current figures to the series. The page calls this function each second, because the server sends only changes. A
 * series therefore also contains the time without a change, and the rate of a log that stops growing is 0.
 */
function sample(time: number): void {
  const { connection, overview, watchers } = live.get();
  if (connection !== 'live') return;
  for (const row of watchers ?? []) {
    const { lag, lagTime } = lagHistoryOf(row);
    lag.add(time, row.lag);
    lagTime.add(time, row.lagTime);
  }
  if (overview === undefined) return;
  const rate = meter.add(time, overview.latestSeqNum);
  if (rate === undefined) return;
  rateHistory.add(time, rate);
  update({ rate });
}

/** Starts the connection and the collection of samples. */
export function start(): void {
  connect();
  onSecond(sample);
}

/** Connects to `api/live`, and connects again whenever the connection is lost. */
function connect(): void {
  const source = new EventSource('api/live');
  const silence = setInterval(() => {
    if (live.get().connection === 'live' && Date.now() - live.get().receivedAt > SILENCE) reconnect(0);
  }, 5000);
  const reconnect = (delay: number) => {
    clearInterval(silence);
    source.close();
    update({ connection: 'lost' });
    setTimeout(connect, delay);
  };
  const on = <T>(name: string, onData: (data: T) => void) =>
    source.addEventListener(name, ({ data }) => onData(JSON.parse(data)));
  on<Overview>('overview', (overview) => {
    setServerTime(Date.parse(overview.now));
    received({ overview });
  });
  on<WatcherList>('watchers', ({ watchers }) => onWatchers(watchers));
  on<LeaseList>('leases', ({ leases }) => received({ leases }));
  on<Problem>('problem', (problem) => update({ connection: 'live', receivedAt: Date.now(), problem }));
  source.addEventListener('error', () => {
    // The browser connects again itself, except after a response that is not an event stream.
    if (source.readyState === EventSource.CLOSED) reconnect(RECONNECT_DELAY);
    else update({ connection: 'lost' });
  });
}
