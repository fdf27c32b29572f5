import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import { type Aggregate, Aggregates } from '../aggregates.ts';
import { AttributeSets } from '../attribute-sets.ts';
import { requireManager } from '../instrumented.ts';
import { measureActivity } from '../measure-activity.ts';
import { METRICS, type Metric, type MetricKey } from '../metric.ts';
import { type MetricValue, readGauges } from '../read-gauges.ts';
import { formatMetrics, formatNumber, type Sample } from './text-format.ts';

const metrics = Object.entries(METRICS) as readonly [MetricKey, Metric][];

/** Measurements of a store since the first call of `prometheusMetrics` for the store. */
interface Measurements {
  readonly attributesOf: AttributeSets;
  readonly aggregates: ReadonlyMap<MetricKey, Aggregates>;
}

/** Measurements of each store, by its internals: two objects with the same internals are the same store. */
const measured = new WeakMap<object, Measurements>();

/** Returns the measurements of a store. The first call starts the measurements, and `close` of the store ends them. */
function measurementsOf<E extends Event>(store: EventStore<E>): Measurements {
  const existing = measured.get(store.internals);
  if (existing !== undefined) return existing;
  const attributesOf = new AttributeSets();
  const sentMessages = new Aggregates(METRICS.sentMessages);
  const appendDuration = new Aggregates(METRICS.appendDuration);
  const processDuration = new Aggregates(METRICS.processDuration);
  const aggregates = new Map<MetricKey, Aggregates>([
    ['sentMessages', sentMessages],
    ['appendDuration', appendDuration],
    ['processDuration', processDuration],
  ]);
  measured.set(store.internals, { attributesOf, aggregates });
  // The counter starts with the sample 0, because Prometheus computes increases from samples, and would not count the first
  // appends otherwise.
  sentMessages.add(0, attributesOf.append(''));
  const measurement = measureActivity(store, attributesOf, {
    sentMessages: sentMessages.add,
    appendDuration: appendDuration.add,
    processDuration: processDuration.add,
    // These metrics are not measured here, because the statistics of the watchers contain them.
    consumedMessages: () => undefined,
    retries: () => undefined,
  });
  store.closed$.subscribe(() => measurement.unsubscribe());
  return { attributesOf, aggregates };
}

/** Returns the counters of the watchers since their creation. */
const watcherCounters = <E extends Event>(
  manager: Manager<E>,
  attributesOf: AttributeSets,
): readonly MetricValue[] =>
  manager.watchers().flatMap((watcher): MetricValue[] => {
    const { id, handled, skipped, retries } = watcher.stats();
    const attributes = attributesOf.handle(id, '');
    return [
      { metric: 'consumedMessages', value: handled + skipped, attributes },
      { metric: 'retries', value: retries, attributes },
    ];
  });

/** Returns the samples of a histogram: the cumulative count of each bucket, the sum and the total count. */
function histogramSamples(boundaries: readonly number[], aggregate: Readonly<Aggregate>): readonly Sample[] {
  const { attributes, sum, count, buckets } = aggregate;
  let cumulative = 0;
  const samples = buckets.map((inBucket, index) => {
    cumulative += inBucket;
    const le = formatNumber(boundaries[index] ?? Number.POSITIVE_INFINITY);
    return { suffix: '_bucket', attributes: { ...attributes, le }, value: cumulative };
  });
  return [
    ...samples,
    { suffix: '_sum', attributes, value: sum },
    { suffix: '_count', attributes, value: count },
  ];
}

/** Returns the samples of a counter or a histogram. */
const aggregateSamples = ({ boundaries }: Metric, aggregates: Aggregates): readonly Sample[] =>
  aggregates
    .values()
    .flatMap((aggregate) =>
      boundaries === undefined
        ? { value: aggregate.sum, attributes: aggregate.attributes }
        : histogramSamples(boundaries, aggregate),
    );

/**
 * Returns the metrics of a manager, its watchers and its store in the text format of Prometheus. These are the metrics that
 * `instrument` of `rx-watcher/opentelemetry` reports, but this function needs no package of OpenTelemetry.
 *
 * The first call starts the measurement of durations and the count of appended events. The other counters begin with the
 * creation of the watcher. The content type of the text is `text/plain; version=0.0.4; charset=utf-8`. The text does not
 * contain values that cannot be read, for example after the store is closed.
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
  const { store } = manager;
  const { attributesOf, aggregates } = measurementsOf(store);
  const values = [...watcherCounters(manager, attributesOf), ...(await readGauges(store, manager))];
  const samplesOf = (key: MetricKey, metric: Metric): readonly Sample[] => {
    const measurements = aggregates.get(key);
    if (measurements !== undefined) return aggregateSamples(metric, measurements);
    return values.filter((value) => value.metric === key);
  };
  return formatMetrics(metrics.map(([key, metric]) => ({ metric, samples: samplesOf(key, metric) })));
}
