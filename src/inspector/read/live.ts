import {
  BehaviorSubject,
  catchError,
  defer,
  exhaustMap,
  filter,
  from,
  map,
  of,
  ReplaySubject,
  scan,
  share,
  startWith,
  take,
  takeUntil,
} from 'rxjs';
import { unrefInterval } from '../../scheduling/unref-timers.ts';
import type { LeaseList, Overview, WatcherList } from '../api.ts';
import type { InspectorContext } from '../inspector-context.ts';
import { eventText, type TextSource } from '../request/event-stream.ts';
import { toProblem } from '../request/to-problem.ts';
import { readLeaseRows, readOverview } from './overview.ts';
import { readWatcherRows } from './watcher-rows.ts';

/** Time between two reads, in milliseconds. */
const PERIOD = 1000;

/**
 * Number of reads without a change after which the overview is sent again. Because of this repetition, no proxy closes the
 * connection, and a page that receives nothing for a longer time detects that its connection is lost.
 */
const QUIET_READS = 15;

/** Current figures of a store and its watchers. */
interface Figures {
  readonly overview: Overview;
  readonly watchers: WatcherList;
  readonly leases: LeaseList;
}

async function readFigures(context: InspectorContext): Promise<Figures> {
  const [watchers, leases] = await Promise.all([readWatcherRows(context), readLeaseRows(context)]);
  const overview = await readOverview(context, watchers);
  return { overview, watchers: { watchers, now: overview.now }, leases: { leases } };
}

/** Event of the stream, with the number of the read in which its data have changed. */
interface Part {
  readonly change: number;
  /** JSON of the data without the time of the read. If this text differs after the next read, the data have changed. */
  readonly compared: string;
  /** Event in the format of server-sent events. */
  readonly text: string;
}

/** Parts of the stream after a read. */
interface Snapshot {
  /** Number of the read, from 1; 0 before the first read. */
  readonly read: number;
  readonly parts: ReadonlyMap<string, Part>;
}

const withoutTime = (key: string, value: unknown): unknown => (key === 'now' ? undefined : value);

/**
 * Returns the snapshot after a read. Parts that have not changed remain the same objects. After `QUIET_READS` reads without
 * a change, the first part counts as changed, so that it is sent again.
 */
function nextSnapshot({ read: lastRead, parts }: Snapshot, data: Readonly<Record<string, object>>): Snapshot {
  const read = lastRead + 1;
  const lastChange = Math.max(0, ...[...parts.values()].map(({ change }) => change));
  const isQuiet = read - lastChange >= QUIET_READS;
  const next = Object.entries(data).map(([name, value], index): [string, Part] => {
    const compared = JSON.stringify(value, withoutTime);
    const before = parts.get(name);
    if (before?.compared === compared && !(isQuiet && index === 0)) return [name, before];
    return [name, { change: read, compared, text: eventText(name, value) }];
  });
  return { read, parts: new Map(next) };
}

/**
 * Creates the source of the figures that all open pages share. While a page is open, there is one read each second.
 *
 * @returns Function that opens the texts for one page. Each text contains the changes since the previous text, so a page
 *   that reads slowly receives only the newest figures. The texts end when the store is closed.
 */
export function createLive(context: InspectorContext): () => TextSource {
  const { store, redaction, report } = context;
  const read$ = defer(() => from(readFigures(context))).pipe(
    map((figures): Readonly<Record<string, object>> => ({ ...figures })),
    catchError((error) => {
      const problem = toProblem(error, redaction);
      if (problem === undefined) {
        report(error);
        throw error;
      }
      return of({ problem });
    }),
  );
  const snapshots$ = unrefInterval(PERIOD, store.internals.scheduler).pipe(
    startWith(undefined),
    exhaustMap(() => read$),
    scan(nextSnapshot, { read: 0, parts: new Map() } as Snapshot),
    takeUntil(store.closed$),
    share({ connector: () => new ReplaySubject(1) }),
  );
  return () => {
    const latest$ = new BehaviorSubject<Snapshot>({ read: 0, parts: new Map() });
    const subscription = snapshots$.subscribe(latest$);
    let sent = 0;
    const next$ = latest$.pipe(
      map(({ read, parts }) => {
        const changed = [...parts.values()].filter(({ change }) => change > sent);
        return { read, text: changed.map(({ text }) => text).join('') };
      }),
      filter(({ text }) => text !== ''),
      take(1),
      map(({ read, text }) => {
        sent = read;
        return text;
      }),
    );
    return { next$, end: () => subscription.unsubscribe() };
  };
}
