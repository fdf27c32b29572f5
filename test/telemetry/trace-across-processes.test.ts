import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { instrument } from 'rx-watcher/opentelemetry';
import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../support/program.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { startSdk } from './start-sdk.ts';

const TRACE_ID = 'a'.repeat(32);
const request = { operation: 'CREATE', objectType: 'Order', object: { id: 1 } } as const;

/** Starts a server that stores an event for each request, inside a span that continues the trace of the request. */
async function startServer(store: EventStore): Promise<string> {
  const server = createServer((incoming, response) => {
    const parent = propagation.extract(context.active(), incoming.headers);
    const span = trace.getTracer('http').startSpan('POST /orders', { kind: SpanKind.SERVER }, parent);
    const store$ = context.with(trace.setSpan(parent, span), () => store.storeEvent(request));
    store$.then(() => {
      span.end();
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
}

/** Sends a request with a trace, and returns the spans of the server and of the process that handles the event. */
async function traced(kind: 'link' | 'parent') {
  const sdk = startSdk();
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => propagation.disable());
  const path = `${testDirectory()}/events.lmdb`;
  const store = openLmdbStore({ path });
  onTestFinished(() => store.close());
  instrument(store, { propagation: kind });
  const watching = startProcess(new URL('watch-traced.mjs', import.meta.url), path, kind);
  expect(JSON.parse(await watching.readLine())).toBe('ready');

  const url = await startServer(store);
  const traceparent = `00-${TRACE_ID}-${'b'.repeat(16)}-01`;
  await fetch(url, { method: 'POST', headers: { traceparent } });
  const [client, handler] = (await watching.readLines(2)).map((line) => JSON.parse(line));
  await watching.end();
  const [server] = sdk.spans();
  expect(server).toMatchObject({ name: 'POST /orders', kind: SpanKind.SERVER });
  expect(server?.spanContext().traceId).toBe(TRACE_ID);
  expect(handler).toMatchObject({ name: 'handle mailer', kind: SpanKind.CONSUMER });
  expect(client).toMatchObject({
    name: 'send mail',
    traceId: handler.traceId,
    parentSpanId: handler.spanId,
  });
  return { server: server?.spanContext(), handler };
}

it('instrument continues the trace of an HTTP request in the handler of another process with propagation parent', async () => {
  const { server, handler } = await traced('parent');
  expect(handler).toMatchObject({ traceId: TRACE_ID, parentSpanId: server?.spanId, links: [] });
});

it('instrument links the handler of another process to the trace of an HTTP request with propagation link', async () => {
  const { server, handler } = await traced('link');
  expect(handler.traceId).not.toBe(TRACE_ID);
  expect(handler.links).toMatchObject([{ traceId: TRACE_ID, spanId: server?.spanId, isRemote: true }]);
});
