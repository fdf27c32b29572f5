import { catchError, count, defer, firstValueFrom, type Observable, of } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import type { WatcherState } from '../store/monitoring/watcher-state.ts';
import type { Manager } from '../watcher/managed/manager.ts';
import type { Watcher } from '../watcher/managed/watcher.ts';
import { ATTRIBUTES, type Attributes, type MetricKey } from './metric.ts';

/** Value of a metric at the time of the read. */
export interface MetricValue {
  readonly metric: MetricKey;
  readonly value: number;
  readonly attributes: Attributes;
}

const STATES: readonly WatcherState[] = [
  'idle',
  'standby',
  'running',
  'paused',
  'stopping',
  'stopped',
  'failed',
];

/** States in which a process can hold a lease. */
const HOLDING: readonly WatcherState[] = ['running', 'paused', 'stopping'];

/** Reads a value; `undefined` if the read fails, because the other values of a scrape are still useful. */
const readValue = <T>(source: () => Observable<T>): Promise<T | undefined> =>
  firstValueFrom(defer(source).pipe(catchError(() => of(undefined))));

/** Returns the gauges of a watcher of a manager. */
async function watcherGauges<E extends Event>(
  store: EventStore<E>,
  watcher: Watcher<E>,
): Promise<readonly MetricValue[]> {
  const { id } = watcher;
  const attributes = { [ATTRIBUTES.watcher]: id };
  const { leases } = store.internals;
  const [deadLetters, lease] = await Promise.all([
    readValue(() => store.deadLetters(id).pipe(count())),
    leases === undefined ? undefined : readValue(() => leases.get(id)),
  ]);
  const { state, lag, lagTime } = watcher.stats();
  const gauges: MetricValue[] = [
    { metric: 'lag', value: lag, attributes },
    { metric: 'lagTime', value: lagTime / 1000, attributes },
    ...STATES.map((each) => ({
      metric: 'state' as const,
      value: each === state ? 1 : 0,
      attributes: { ...attributes, [ATTRIBUTES.state]: each },
    })),
  ];
  if (deadLetters !== undefined) gauges.push({ metric: 'deadLetters', value: deadLetters, attributes });
  if (lease !== undefined) {
    gauges.push({ metric: 'lease', value: HOLDING.includes(state) ? 1 : 0, attributes });
  }
  return gauges;
}

/** Returns the lag of each checkpoint of a store. */
async function checkpointGauges<E extends Event>(store: EventStore<E>): Promise<readonly MetricValue[]> {
  const [checkpoints, latest] = await Promise.all([
    readValue(() => store.checkpoints()),
    readValue(() => store.getLatestSeqNum()),
  ]);
  if (checkpoints === undefined || latest === undefined) return [];
  return [...checkpoints].map(([id, checkpoint]) => ({
    metric: 'lag',
    value: Math.max(0, latest - checkpoint),
    attributes: { [ATTRIBUTES.watcher]: id },
  }));
}

/**
 * Reads the gauges of a store, and of the watchers of its manager. Omits values that cannot be read.
 *
 * @param manager - Manager of the watchers. Without one, the watchers are the checkpoints in the store.
 */
export async function readGauges<E extends Event>(
  store: EventStore<E>,
  manager: Manager<E> | undefined,
): Promise<readonly MetricValue[]> {
  if (manager === undefined) return checkpointGauges(store);
  const gauges = await Promise.all(manager.watchers().map((watcher) => watcherGauges(store, watcher)));
  return gauges.flat();
}
