import type { BatchObservableCallback, BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import { Aggregates } from '../aggregates.ts';
import { AttributeSets } from '../attribute-sets.ts';
import { measureActivity, type Recorder, type Recorders } from '../measure-activity.ts';
import { METRICS, type Metric, type MetricKey } from '../metric.ts';
import { type MetricValue, readGauges } from '../read-gauges.ts';

/** Instruments of a meter, by metric. */
interface Instruments {
  readonly recorders: Recorders;
  /** Counters and gauges. The SDK reads their values when it collects metrics. */
  readonly observables: ReadonlyMap<MetricKey, Observable>;
  /**
   * Sums of the counters. The SDK reads each sum when it collects metrics. To call a counter of the SDK for each event would
   * cost more, because the SDK hashes the attributes at each call.
   */
  readonly counts: ReadonlyMap<MetricKey, Aggregates>;
}

function createInstruments(meter: Meter): Instruments {
  const recorders = new Map<string, Recorder>();
  const observables = new Map<MetricKey, Observable>();
  const counts = new Map<MetricKey, Aggregates>();
  for (const [key, metric] of Object.entries(METRICS) as [MetricKey, Metric][]) {
    const { name, kind, unit, description, boundaries = [] } = metric;
    const options = { unit, description };
    if (kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...boundaries] };
      const histogram = meter.createHistogram(name, { ...options, advice });
      recorders.set(key, (value, attributes) => histogram.record(value, attributes));
    } else if (kind === 'counter') {
      const sums = new Aggregates(metric);
      observables.set(key, meter.createObservableCounter(name, options));
      recorders.set(key, sums.add);
      counts.set(key, sums);
    } else {
      observables.set(key, meter.createObservableGauge(name, options));
    }
  }
  return { recorders: Object.fromEntries(recorders) as Recorders, observables, counts };
}

/** Returns the identity of the time series of a gauge. */
const keyOf = ({ metric, attributes }: MetricValue): string => JSON.stringify([metric, attributes]);

/**
 * Returns the values of gauges, and the value 0 for each gauge that was read earlier and is missing now, for example the lag
 * of a removed watcher. Otherwise, the SDK would repeat the last value of the missing gauge.
 */
function withMissing(known: Map<string, MetricValue>, values: readonly MetricValue[]): Iterable<MetricValue> {
  const all = new Map(known);
  for (const value of values) {
    const key = keyOf(value);
    all.set(key, value);
    known.set(key, { ...value, value: 0 });
  }
  return all.values();
}

/** Records the metrics of a store and its watchers on a meter, until the returned subscription is unsubscribed. */
export function recordMetrics<E extends Event>(
  meter: Meter,
  store: EventStore<E>,
  manager: Manager<E> | undefined,
): Subscription {
  const { recorders, observables, counts } = createInstruments(meter);
  const known = new Map<string, MetricValue>();
  const observe: BatchObservableCallback = async (result: BatchObservableResult) => {
    for (const { metric, value, attributes } of withMissing(known, await readGauges(store, manager))) {
      result.observe(observables.get(metric) as Observable, value, attributes);
    }
    for (const [metric, aggregates] of counts) {
      for (const { sum, attributes } of aggregates.values()) {
        result.observe(observables.get(metric) as Observable, sum, attributes);
      }
    }
  };
  const all = [...observables.values()];
  meter.addBatchObservableCallback(observe, all);
  const subscription = measureActivity(store, new AttributeSets(), recorders);
  subscription.add(new Subscription(() => meter.removeBatchObservableCallback(observe, all)));
  return subscription;
}
