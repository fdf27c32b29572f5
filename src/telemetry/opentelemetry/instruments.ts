import type { BatchObservableCallback, Counter, Histogram, Meter, ObservableGauge } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import { measureActivity } from '../measure-activity.ts';
import { METRICS, type Metric, type MetricKey } from '../metric.ts';
import { type MetricValue, readGauges } from '../read-gauges.ts';

/** Instruments of a meter, by metric. */
interface Instruments {
  readonly counters: ReadonlyMap<MetricKey, Counter>;
  readonly histograms: ReadonlyMap<MetricKey, Histogram>;
  readonly gauges: ReadonlyMap<MetricKey, ObservableGauge>;
}

function createInstruments(meter: Meter): Instruments {
  const counters = new Map<MetricKey, Counter>();
  const histograms = new Map<MetricKey, Histogram>();
  const gauges = new Map<MetricKey, ObservableGauge>();
  for (const [key, metric] of Object.entries(METRICS) as [MetricKey, Metric][]) {
    const { name, kind, unit, description, boundaries } = metric;
    const options = { unit, description };
    if (kind === 'counter') counters.set(key, meter.createCounter(name, options));
    else if (kind === 'gauge') gauges.set(key, meter.createObservableGauge(name, options));
    else {
      const advice = { explicitBucketBoundaries: [...(boundaries as readonly number[])] };
      histograms.set(key, meter.createHistogram(name, { ...options, advice }));
    }
  }
  return { counters, histograms, gauges };
}

/** Returns the identity of the time series of a gauge. */
const keyOf = ({ metric, attributes }: MetricValue): string => JSON.stringify([metric, attributes]);

/** Records the metrics of a store and its watchers on a meter, until the returned subscription is unsubscribed. */
export function recordMetrics<E extends Event>(
  meter: Meter,
  store: EventStore<E>,
  manager: Manager<E> | undefined,
): Subscription {
  const { counters, histograms, gauges } = createInstruments(meter);
  const observables = [...gauges.values()];
  const observed = new Map<string, MetricValue>();
  const observe: BatchObservableCallback = async (result) => {
    const values = await readGauges(store, manager);
    const current = new Map(values.map((value) => [keyOf(value), value]));
    // The SDK repeats the last value of a gauge that is no longer observed, for example of a watcher that was removed.
    for (const [key, { metric, attributes }] of observed) {
      if (!current.has(key)) result.observe(gauges.get(metric) as ObservableGauge, 0, attributes);
    }
    for (const [key, gauge] of current) {
      observed.set(key, gauge);
      result.observe(gauges.get(gauge.metric) as ObservableGauge, gauge.value, gauge.attributes);
    }
  };
  meter.addBatchObservableCallback(observe, observables);
  const subscription = measureActivity(store, (metric, value, attributes) => {
    counters.get(metric)?.add(value, attributes);
    histograms.get(metric)?.record(value, attributes);
  });
  subscription.add(new Subscription(() => meter.removeBatchObservableCallback(observe, observables)));
  return subscription;
}
