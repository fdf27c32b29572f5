import { catchError, count, defer, firstValueFrom, type Observable, of } from 'rxjs';
import type { Event } from '../event/event.ts';
import type { EventStore } from '../store/event-store.ts';
import type { WatcherReport } from '../store/monitoring/watcher-report.ts';
import type { WatcherState } from '../store/monitoring/watcher-state.ts';
import type { Manager } from '../watcher/managed/manager.ts';
import type { Watcher } from '../watcher/managed/watcher.ts';
import { ATTRIBUTES, type Attributes, type MetricKey } from './metric.ts';

/** Value of a metric at the time when it was read. */
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

/** Reads a value. Returns `undefined` if the read fails, because the other values of the metrics are still useful. */
const readValue = <T>(source: () => Observable<T>): Promise<T | undefined> =>
  firstValueFrom(defer(source).pipe(catchError(() => of(undefined))));

/** Figures of a watcher that the store can compute without a manager. */
type Figures = { readonly [F in 'lag' | 'lagTime' | 'deadLetters']?: number | undefined };

/** Returns a gauge for each figure of a watcher, and none for a figure that is `undefined`. */
const figureGauges = (
  { lag, lagTime, deadLetters }: Figures,
  attributes: Attributes,
): readonly MetricValue[] => {
  const seconds = lagTime === undefined ? undefined : lagTime / 1000;
  const figures = { lag, lagTime: seconds, deadLetters };
  return (Object.entries(figures) as [MetricKey, number | undefined][]).flatMap(([metric, value]) =>
    value === undefined ? [] : [{ metric, value, attributes }],
  );
};

const attributesOf = (watcherId: string): Attributes => ({ [ATTRIBUTES.watcher]: watcherId });

/**
 * Returns the gauges of a watcher of a manager.
 *
 * @param report - Report of the watcher in the store. If the report contains a checkpoint, its lag and lag time are used
 *   instead of those of the statistics, because the statistics are older on an engine that reads asynchronously.
 */
async function watcherGauges<E extends Event>(
  store: EventStore<E>,
  watcher: Watcher<E>,
  report: WatcherReport | undefined,
): Promise<readonly MetricValue[]> {
  const { id } = watcher;
  const { leases } = store.internals;
  const [deadLetters, lease] = await Promise.all([
    report?.deadLetters ?? readValue(() => store.deadLetters(id).pipe(count())),
    leases === undefined ? undefined : readValue(() => leases.get(id)),
  ]);
  const stats = watcher.stats();
  const { lag, lagTime } = report?.checkpoint === undefined ? stats : report;
  const attributes = attributesOf(id);
  const isHeld = HOLDING.includes(stats.state);
  return [
    ...figureGauges({ lag, lagTime, deadLetters }, attributes),
    ...STATES.map((state) => ({
      metric: 'state' as const,
      value: state === stats.state ? 1 : 0,
      attributes: { ...attributes, [ATTRIBUTES.state]: state },
    })),
    ...(lease === undefined ? [] : [{ metric: 'lease' as const, value: isHeld ? 1 : 0, attributes }]),
  ];
}

/**
 * Reads the gauges of a store and of the watchers of its manager. The result omits values that cannot be read.
 *
 * @param manager - Manager of the watchers. Without a manager, the result describes the watchers that have a checkpoint or a
 *   report in the store.
 */
export async function readGauges<E extends Event>(
  store: EventStore<E>,
  manager: Manager<E> | undefined,
): Promise<readonly MetricValue[]> {
  const [info, reports = []] = await Promise.all([
    readValue(() => store.info()),
    readValue(() => store.watchers()),
  ]);
  // Several processes can report the same watcher. All of these reports contain the same figures, which the store computes.
  const reportById = new Map(reports.map((report) => [report.id, report]));
  const watchers =
    manager === undefined
      ? [...reportById.values()].map((report) => figureGauges(report, attributesOf(report.id)))
      : await Promise.all(
          manager.watchers().map((watcher) => watcherGauges(store, watcher, reportById.get(watcher.id))),
        );
  const log: readonly MetricValue[] =
    info === undefined ? [] : [{ metric: 'logSize', value: info.bytes, attributes: {} }];
  return [...log, ...watchers.flat()];
}
