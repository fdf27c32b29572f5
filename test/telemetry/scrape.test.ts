import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createManager, type Manager, prometheusMetrics } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { instrument } from 'rx-watcher/opentelemetry';
import { lastValueFrom, take } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';
import { fillUp } from '../support/watcher/fill.ts';

/** Starts an endpoint on a free port until the end of the test, and returns its URL. */
async function serve(respond: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(respond).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

/** Returns the samples of a scraped text, without the labels of the scope and without the unit in the names. */
async function scrape(url: string): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  const lines = (await response.text()).split('\n').filter((line) => /^(messaging|rx_watcher)_/.test(line));
  return new Map(
    lines.map((line) => {
      const [, name = '', labels = '', value = ''] = /^(\w+?)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const kept = labels.split(',').filter((label) => label !== '' && !label.startsWith('otel_scope'));
      return [`${name.replace(/_seconds(?=_|$)|_bytes$/, '')}{${kept.sort().join(',')}}`, value];
    }),
  );
}

/** Handles two events, of which the second one becomes a dead letter, and stores two more events. */
async function work(manager: Manager): Promise<void> {
  const { store } = manager;
  const handler = ({ seqNum }: { readonly seqNum: number }) => {
    if (seqNum === 2) throw new RangeError('no');
  };
  const options = { handler, retryStrategy: 'deadLetter', maxRetries: 1, initialBackoff: 1 } as const;
  const watcher = manager.create('mailer', { ...options, autoStart: true });
  const handled = lastValueFrom(watcher.outcomes$.pipe(take(2)));
  const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;
  await store.storeEvents([request, request]);
  await handled;
  await watcher.stop();
  fillUp(store, 2);
}

it('prometheusMetrics returns the same samples as the Prometheus exporter of the SDK', async () => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  onTestFinished(() => provider.shutdown());
  const manager = createManager(createMemoryStore());
  instrument(manager, { meter: provider.getMeter('rx-watcher') });
  await prometheusMetrics(manager);
  await work(manager);

  const ofSdk = await scrape(
    await serve((request, response) => exporter.getMetricsRequestHandler(request, response)),
  );
  const ofManager = await scrape(
    await serve(async (_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(await prometheusMetrics(manager));
    }),
  );
  expect([...ofManager.keys()].sort()).toEqual([...ofSdk.keys()].sort());
  const differing = [...ofManager].filter(([sample, value]) => ofSdk.get(sample) !== value);
  // Durations are measured separately, and the lag time grows between the scrapes.
  expect(differing.filter(([sample]) => !/_duration_(sum|bucket)|_lag_time/.test(sample))).toEqual([]);
  expect(ofSdk.get('rx_watcher_lag{messaging_consumer_group_name="mailer"}')).toBe('2');
  expect(ofSdk.get('rx_watcher_dead_letters{messaging_consumer_group_name="mailer"}')).toBe('1');
});
