import type { Event } from '../../event/event.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import { requireManager } from '../instrumented.ts';
import { APPEND_ATTRIBUTES, handleAttributes, measureActivity } from '../measure-activity.ts';
import { METRICS, type Metric, type MetricKey } from '../metric.ts';
import { type MetricValue, readGauges } from '../read-gauges.ts';
import { Aggregates } from './aggregates.ts';
import { formatMetrics, type Sample } from './text-format.ts';

type AggregatesByMetric = ReadonlyMap<MetricKey, Aggregates>;

const metrics = Object.entries(METRICS) as readonly [MetricKey, Metric][];

/** Counters of the measurements that the statistics of watchers do not contain. */
const AGGREGATED: readonly MetricKey[] = ['sentMessages', 'appendDuration', 'processDuration'];

/** Aggregates of the stores that are measured, by the internals of the store. */
const measured = new WeakMap<object, AggregatesByMetric>();

/** Returns the aggregates of the store of a manager. The first call starts the measurement, until the store is closed. */
function aggregatesOf<E extends Event>({ store }: Manager<E>): AggregatesByMetric {
  const existing = measured.get(store.internals);
  if (existing !== undefined) return existing;
  const aggregates = new Map(AGGREGATED.map((key) => [key, new Aggregates(METRICS[key])]));
  // Without a first value, Prometheus cannot compute the increase up to the first append.
  aggregates.get('sentMessages')?.add(0, APPEND_ATTRIBUTES);
  measured.set(store.internals, aggregates);
  const measurement = measureActivity(store, (metric, value, attributes) => {
    aggregates.get(metric)?.add(value, attributes);
  });
  store.closed$.subscribe(() => measurement.unsubscribe());
  return aggregates;
}

/** Returns the counters of the watchers since their creation. */
const watcherCounters = <E extends Event>(manager: Manager<E>): readonly MetricValue[] =>
  manager.watchers().flatMap((watcher): MetricValue[] => {
    const { id, handled, skipped, retries } = watcher.stats();
    const attributes = handleAttributes(id);
    return [
      { metric: 'consumedMessages', value: handled + skipped, attributes },
      { metric: 'retries', value: retries, attributes },
    ];
  });

/**
 * Returns the metrics of a manager, its watchers and its store in the text format of Prometheus. These are the metrics that
 * `instrument` of `rx-watcher/opentelemetry` reports, without a dependency.
 *
 * Durations and the number of appended events begin with the first call, because nothing is measured before it. The other
 * counters begin with the creation of the watcher. The content type of the text is
 * `text/plain; version=0.0.4; charset=utf-8`. Values that cannot be read, for example after the store is closed, are missing.
 *
 * @throws {@link InvalidOptionsError} if `manager` is not a manager.
 * @see [Metrics and traces](../../../docs/guides/metrics-and-traces.md)
 * @example
 * createServer(async (_request, response) => {
 *   response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
 *   response.end(await prometheusMetrics(manager));
 * }).listen(9464);
 */
export async function prometheusMetrics<E extends Event>(manager: Manager<E>): Promise<string> {
  requireManager(manager);
  const aggregates = aggregatesOf(manager);
  const values = [...watcherCounters(manager), ...(await readGauges(manager.store, manager))];
  const samplesOf = (key: MetricKey): readonly Sample[] =>
    aggregates.get(key)?.samples() ?? values.filter(({ metric }) => metric === key);
  return formatMetrics(metrics.map(([key, metric]) => ({ metric, samples: samplesOf(key) })));
}
