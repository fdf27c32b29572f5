import { context, SpanKind, trace } from '@opentelemetry/api';
import { createManager, prometheusMetrics, watch } from 'rx-watcher';
import { instrument } from 'rx-watcher/opentelemetry';
import { lastValueFrom, take } from 'rxjs';
import { expect, test } from 'vitest';
import { eachStream } from '../support/jetstream/each-stream.ts';
import { startSdk } from './start-sdk.ts';

const streams = eachStream();

const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;
const HANDLE = {
  'messaging.system': 'rx_watcher',
  'messaging.operation.name': 'handle',
  'messaging.consumer.group.name': 'mailer',
};

test('instrument on JetStream counts the events of each append and each handler', async () => {
  const sdk = startSdk();
  const store = await streams.open();
  instrument(store);

  await store.storeEvents([request, request]);
  await store.storeEvent(request);
  await lastValueFrom(watch(store, 'mailer', { handler: () => undefined }).pipe(take(3)));

  const points = await sdk.points();
  expect(points['messaging.client.sent.messages']?.[0]?.value).toBe(3);
  expect(points['rx_watcher.append.duration']?.[0]?.value).toMatchObject({ count: 2 });
  expect(points['messaging.client.consumed.messages']?.[0]).toMatchObject({ attributes: HANDLE, value: 3 });
  expect(points['messaging.process.duration']?.[0]?.value).toMatchObject({ count: 3 });
});

test('instrument on JetStream links the span of a handler in one process to the append in another process', async () => {
  const sdk = startSdk();
  const stream = streams.nextStream();
  const [producer, consumer] = [await streams.open({ stream }), await streams.open({ stream })];
  for (const store of [producer, consumer]) instrument(store);

  const span = trace.getTracer('test').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), () => producer.storeEvent(request));
  span.end();
  const active: (string | undefined)[] = [];
  const handler = async () => {
    await consumer.getCheckpoint('mailer');
    active.push(trace.getActiveSpan()?.spanContext().spanId);
  };
  await lastValueFrom(watch(consumer, 'mailer', { handler }).pipe(take(1)));

  const handled = sdk.spans().find(({ kind }) => kind === SpanKind.CONSUMER);
  expect(handled?.links.map(({ context: { spanId } }) => spanId)).toEqual([span.spanContext().spanId]);
  expect(active).toEqual([handled?.spanContext().spanId]);
});

test('instrument on JetStream adds no second event and no second trace if an append is repeated with its id', async () => {
  const sdk = startSdk();
  const store = await streams.open();
  instrument(store);

  const appendInSpan = () => {
    const span = trace.getTracer('test').startSpan('request');
    return context.with(trace.setSpan(context.active(), span), () =>
      store.storeEvent({ ...request, id: 'a' }),
    );
  };
  const first = await appendInSpan();
  const again = await appendInSpan();

  expect(again).toEqual(first);
  expect(first.metadata).toHaveProperty('traceparent');
  await lastValueFrom(watch(store, 'mailer', { handler: () => undefined }).pipe(take(1)));
  expect((await sdk.points())['messaging.client.consumed.messages']?.[0]?.value).toBe(1);
});

test('prometheusMetrics on JetStream contains the size of the log, and the lag and dead letters of a watcher', async () => {
  const store = await streams.open();
  const manager = createManager(store);
  const handler = () => {
    throw new Error('no');
  };
  const options = { handler, retryStrategy: 'deadLetter', maxRetries: 0, autoStart: true } as const;
  await store.storeEvents([request, request]);
  const watcher = manager.create('mailer', options);
  await lastValueFrom(watcher.outcomes$.pipe(take(2)));
  await watcher.stop();
  await store.storeEvents([request, request, request]);

  const text = await prometheusMetrics(manager);

  const valueFor = (name: string) =>
    Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  expect(valueFor('rx_watcher_lag')).toBe(3);
  expect(valueFor('rx_watcher_dead_letters')).toBe(2);
  expect(valueFor('rx_watcher_log_size_bytes')).toBeGreaterThan(0);
  expect(valueFor('messaging_client_consumed_messages_total')).toBe(2);
});
