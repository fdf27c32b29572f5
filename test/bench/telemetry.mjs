// Appends, replays and handlers with `instrument`, compared with the same work without it.
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { instrument } from 'rx-watcher/opentelemetry';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay, watchAll } from './reading.mjs';
import { request, requests } from './request.mjs';

/** Pairs of numbers: concurrent writers, and events that all writers append together. */
const TOTALS = [
  [1024, 100_000],
  [64, 20_000],
  [1, 2000],
];

/** Creates the options of `instrument`: a meter of the SDK, which collects once a minute. No tracer is registered. */
function createOptions() {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new InMemoryMetricExporter(0);
  const reader = new PeriodicExportingMetricReader({ exporter });
  return { meter: new MeterProvider({ readers: [reader] }).getMeter('bench') };
}

export async function telemetry({ rounds, size, directory }) {
  const options = createOptions();
  const store = openStore(fresh(directory, 'telemetry'));
  const logged = size(300_000, 10_000);
  const filled = await fillStore(openStore(fresh(directory, 'telemetry-filled')), logged);
  const against = (name, total, on, run) => {
    const instrumented = async () => {
      const subscription = instrument(on, options);
      await run();
      subscription.unsubscribe();
    };
    const other = 'without instrument';
    return compare({ name, rounds, total, ours: { run: instrumented }, other, theirs: { run } });
  };

  const figures = [];
  for (const [writers, full] of TOTALS) {
    const total = size(full, full / 20);
    const run = () => inFlight(writers, total, (n) => store.storeEvent(request(n)));
    figures.push(await against(`append with instrument, ${writers} in flight`, total, store, run));
  }
  const batches = size(50, 5);
  const inBatches = async () => {
    for (let batch = 0; batch < batches; batch++) await store.storeEvents(requests(batch * 1000, 1000));
  };
  const handler = async () => undefined;
  figures.push(
    await against('storeEvents of 1000 with instrument', batches * 1000, store, inBatches),
    await against('replay with instrument', logged, filled, () => replay(filled, logged)),
    await against('watch with instrument, async handler', logged, filled, () =>
      watchAll(filled, logged, { handler }),
    ),
  );
  await Promise.all([store.close(), filled.close()]);
  return figures;
}
