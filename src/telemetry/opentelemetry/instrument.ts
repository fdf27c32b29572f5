import { type Meter, metrics, ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api';
import { Subscription } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import type { EventStore } from '../../store/event-store.ts';
import { check } from '../../validation/check.ts';
import { defined, options as optionsCodec } from '../../validation/options.ts';
import { described, oneOf } from '../../validation/types.ts';
import type { Manager } from '../../watcher/managed/manager.ts';
import { instrumentedOf } from '../instrumented.ts';
import { recordMetrics } from './instruments.ts';
import { type Propagation, propagateAppends, traceHandlers } from './trace-activity.ts';

/** Options of `instrument`. */
export interface InstrumentOptions {
  /** Meter of the metrics. Default: a meter of the registered meter provider. */
  readonly meter?: Meter | undefined;
  /** Tracer of the spans. Default: a tracer of the registered tracer provider. Without a provider, there are no spans. */
  readonly tracer?: Tracer | undefined;
  /**
   * Relation between the trace of an append and the trace of the handler.
   *
   * - `link`: the span of the handler starts a new trace, and has a link to the span of the append.
   * - `parent`: the span of the handler is a child of the span of the append. The span of a batch has links instead.
   * - `none`: events carry no trace.
   *
   * @defaultValue 'link'
   */
  readonly propagation?: Propagation | undefined;
}

const NAME = 'rx-watcher';

const withMethods = <T>(name: string, ...methods: readonly string[]) =>
  described(name, (value): value is T => {
    if (typeof value !== 'object' || value === null) return false;
    const given = value as Readonly<Record<string, unknown>>;
    return methods.every((method) => typeof given[method] === 'function');
  });

/**
 * Creates a function that returns the tracer of the registered provider; `undefined` while no provider is registered. The
 * API has a tracer even without a provider, but to start the spans of that tracer would take longer than a fast handler.
 */
function registeredTracer(): () => Tracer | undefined {
  let tracer: Tracer | undefined;
  const find = (): Tracer | undefined => {
    const provider = trace.getTracerProvider();
    return provider instanceof ProxyTracerProvider
      ? provider.getDelegateTracer(NAME)
      : provider.getTracer(NAME);
  };
  return () => {
    tracer ??= find();
    return tracer;
  };
}

const OptionsCodec = optionsCodec("{ propagation: 'link' }", {
  meter: withMethods<Meter>('a meter of OpenTelemetry', 'createHistogram', 'addBatchObservableCallback'),
  tracer: withMethods<Tracer>('a tracer of OpenTelemetry', 'startSpan'),
  propagation: oneOf<Propagation>("'link', 'parent' or 'none'", ['link', 'parent', 'none']),
});

/**
 * Reports a store and its watchers to OpenTelemetry: metrics, and a span for each attempt of a handler. An append inside an
 * active span stores `traceparent` in the metadata of its events, so that the span of a handler in another process can
 * refer to the trace.
 *
 * Call this function after the SDK has started, because `instrument` takes the meter and the tracer from the providers of
 * the SDK. Call it once for each store. If the store has a manager, pass the manager, because only a manager knows the
 * states of watchers. All appends and attempts of the store are reported, even those of watchers without a manager. The
 * reporting ends when the returned subscription is unsubscribed, or when the store is closed.
 *
 * @param target - Store, or manager of the watchers of a store.
 * @returns Subscription that ends the reporting.
 * @throws InvalidOptionsError if the target or an option is not valid. The error lists all faults.
 * @see [Metrics and traces](../../../docs/guides/metrics-and-traces.md)
 * @example
 * sdk.start();
 * const manager = createManager(store);
 * const instrumentation = instrument(manager);
 */
export function instrument<E extends Event>(
  target: EventStore<E> | Manager<E>,
  options: InstrumentOptions = {},
): Subscription {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of instrument', faults);
  const checked = check(OptionsCodec, options, invalid) as InstrumentOptions;
  const { store, manager } = instrumentedOf(target);
  const {
    meter = metrics.getMeter(NAME),
    tracer,
    propagation = 'link',
  }: InstrumentOptions = defined(checked);

  const subscription = new Subscription();
  subscription.add(recordMetrics(meter, store, manager));
  subscription.add(
    traceHandlers(tracer === undefined ? registeredTracer() : () => tracer, store, propagation),
  );
  if (propagation !== 'none') subscription.add(propagateAppends(store));
  subscription.add(store.closed$.subscribe(() => subscription.unsubscribe()));
  return subscription;
}
