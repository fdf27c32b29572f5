import { context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { type EventStore, type WatchOptions, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { instrument, type Propagation } from 'rx-watcher/opentelemetry';
import { lastValueFrom, NEVER, Observable, of, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { type Sdk, startSdk } from './start-sdk.ts';

const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;
const nothing = () => undefined;

/** Starts an SDK, and reports an empty store to it. */
function instrumented(options?: { readonly propagation?: Propagation | undefined }) {
  const sdk = startSdk();
  const store = createMemoryStore();
  instrument(store, options);
  return { sdk, store };
}

/** Calls `work` inside a new span, and returns the span. */
async function insideSpan(work: () => Promise<unknown>): Promise<Span> {
  const span = trace.getTracer('test').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), work);
  span.end();
  return span;
}

/** Handles the events of a store, and returns the spans of the watcher. */
async function handledSpans(
  sdk: Sdk,
  store: EventStore,
  count: number,
  options: WatchOptions,
): Promise<readonly ReadableSpan[]> {
  await lastValueFrom(watch(store, 'mailer', options).pipe(take(count)));
  return sdk.spans().filter(({ kind }) => kind === SpanKind.CONSUMER);
}

/** Appends an event with metadata outside a span, and handles it. Returns the span of the handler. */
async function spanOfEvent(
  metadata: Readonly<Record<string, string>>,
  options?: { readonly propagation: Propagation },
): Promise<ReadableSpan | undefined> {
  const { sdk, store } = instrumented(options);
  await store.storeEvent({ ...request, metadata });
  return (await handledSpans(sdk, store, 1, { handler: nothing }))[0];
}

/** Appends an event inside a span and handles it. Returns the span of the append and the span of the handler. */
async function traced(propagation?: Propagation, options: WatchOptions = { handler: nothing }) {
  const { sdk, store } = instrumented({ propagation });
  const appended = (await insideSpan(() => store.storeEvent(request))).spanContext();
  const [handled] = await handledSpans(sdk, store, 1, options);
  return { appended, handled: handled as ReadableSpan };
}

describe('an append inside an active span', () => {
  it('an append inside an active span stores the span as traceparent in the metadata of each event', async () => {
    const { store } = instrumented();
    let events: readonly { readonly metadata?: object }[] = [];
    const span = await insideSpan(async () => {
      events = await store.storeEvents([request, { ...request, metadata: { user: 'ann' } }]);
    });
    const { traceId, spanId } = span.spanContext();
    const traceparent = `00-${traceId}-${spanId}-01`;
    expect(events.map(({ metadata }) => metadata)).toEqual([{ traceparent }, { user: 'ann', traceparent }]);
  });

  it('an append stores no traceparent if instrument was not called, no span is active, or propagation has the value none', async () => {
    startSdk();
    const [store, other, without] = [createMemoryStore(), createMemoryStore(), createMemoryStore()];
    instrument(store);
    instrument(without, { propagation: 'none' });
    await insideSpan(async () => {
      expect(await other.storeEvent(request)).not.toHaveProperty('metadata');
      expect(await without.storeEvent(request)).not.toHaveProperty('metadata');
    });
    expect(await store.storeEvent(request)).not.toHaveProperty('metadata');
  });
});

describe('the span of a handler', () => {
  it('the span of a handler is a consumer span with a link to the span of the append', async () => {
    const { appended, handled } = await traced();
    expect(handled).toMatchObject({ name: 'handle mailer', kind: SpanKind.CONSUMER });
    expect(handled.links.map((link) => link.context)).toEqual([{ ...appended, isRemote: true }]);
    expect(handled.spanContext().traceId).not.toBe(appended.traceId);
    expect(handled.parentSpanContext).toBeUndefined();
    expect(handled.attributes).toEqual({
      'messaging.system': 'rx_watcher',
      'messaging.operation.name': 'handle',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'mailer',
      'messaging.message.id': '1',
      'rx_watcher.attempt': 1,
      'rx_watcher.seq_num': 1,
      'rx_watcher.object_type': 'Job',
      'rx_watcher.operation': 'CREATE',
    });
  });

  it('the span of a handler is a child of the span of the append with propagation parent', async () => {
    const { appended, handled } = await traced('parent');
    expect(handled.spanContext().traceId).toBe(appended.traceId);
    expect(handled.parentSpanContext).toMatchObject({ spanId: appended.spanId, isRemote: true });
    expect(handled.links).toEqual([]);
  });

  it('the span of a handler has no link with propagation none, even if the event carries a trace', async () => {
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
    const handled = await spanOfEvent({ traceparent }, { propagation: 'none' });
    expect(handled).toMatchObject({ links: [] });
  });

  it('the span of a handler starts a new trace even if its watcher was started inside a span', async () => {
    const { sdk, store } = instrumented();
    await store.storeEvent(request);
    const started = await insideSpan(() => handledSpans(sdk, store, 1, { handler: nothing }));
    const [handled] = sdk.spans();
    expect(handled?.kind).toBe(SpanKind.CONSUMER);
    expect(handled?.spanContext().traceId).not.toBe(started.spanContext().traceId);
  });

  it.each(['ff', 'zz'])(
    'the span of a handler has no link if the event carries a traceparent of version %s',
    async (version) => {
      const traceparent = `${version}-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
      const handled = await spanOfEvent({ traceparent });
      expect(handled).toMatchObject({ links: [] });
    },
  );

  it('the link of the span of a handler contains the tracestate of the event', async () => {
    const metadata = {
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
      tracestate: 'vendor=opaque',
    };
    const handled = await spanOfEvent(metadata);
    expect(handled?.links[0]?.context.traceFlags).toBe(0);
    expect(handled?.links[0]?.context.traceState?.serialize()).toBe('vendor=opaque');
  });

  it('the span of a handler has one link for each traced event of a batch, even with propagation parent', async () => {
    const { sdk, store } = instrumented({ propagation: 'parent' });
    const first = await insideSpan(() => store.storeEvent(request));
    await store.storeEvent(request);
    const third = await insideSpan(() => store.storeEvent(request));
    const [handled] = await handledSpans(sdk, store, 3, { batchHandler: nothing });
    const spanIds = [first, third].map((span) => span.spanContext().spanId);
    expect(handled?.links.map((link) => link.context.spanId)).toEqual(spanIds);
    expect(handled?.parentSpanContext).toBeUndefined();
    expect(handled?.attributes).toMatchObject({ 'messaging.batch.message_count': 3 });
  });

  it('the span of a handler is active in the handler, across await, and in the Observable that the handler returns', async () => {
    const { sdk, store } = instrumented();
    await store.storeEvents([request, request]);
    const active: (string | undefined)[] = [];
    const read = () => active.push(trace.getActiveSpan()?.spanContext().spanId);
    const handler = async () => {
      read();
      await Promise.resolve();
      read();
      return new Observable<void>((subscriber) => {
        read();
        setTimeout(() => {
          read();
          subscriber.complete();
        });
      });
    };
    const spans = await handledSpans(sdk, store, 2, { handler });
    const ids = spans.map((span) => span.spanContext().spanId);
    expect(active).toEqual([ids[0], ids[0], ids[0], ids[0], ids[1], ids[1], ids[1], ids[1]]);
  });

  it('the span of a handler is stored as traceparent of an event that the handler appends', async () => {
    const { sdk, store } = instrumented();
    await store.storeEvent(request);
    const results: { readonly metadata?: { readonly traceparent?: string } }[] = [];
    const handler = async () => {
      await Promise.resolve();
      if (results.length === 0) results.push(await store.storeEvent(request));
    };
    const [handled] = await handledSpans(sdk, store, 1, { handler });
    expect(results[0]?.metadata?.traceparent).toContain(handled?.spanContext().spanId);
  });

  it('the span of a failed attempt contains its error, and each attempt has a span', async () => {
    const { sdk, store } = instrumented();
    await store.storeEvent(request);
    const error = new RangeError('no such address');
    const options = { retryStrategy: 'skip', maxRetries: 1, initialBackoff: 1 } as const;
    const spans = await handledSpans(sdk, store, 1, { handler: () => Promise.reject(error), ...options });
    expect(spans.map(({ attributes }) => attributes['rx_watcher.attempt'])).toEqual([1, 2]);
    const [span] = spans;
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no such address' });
    expect(span?.attributes).toMatchObject({ 'error.type': 'RangeError' });
    expect(span?.events[0]?.attributes).toMatchObject({
      'exception.type': 'RangeError',
      'exception.message': 'no such address',
    });
  });

  it('the span of a handler ends with an error if the run of the watcher ends before the handler', async () => {
    const { sdk, store } = instrumented();
    await store.storeEvent(request);
    await new Promise<void>((resolve) => {
      const handler = () => {
        queueMicrotask(resolve);
        return NEVER;
      };
      const running = watch(store, 'mailer', { handler }).subscribe();
      queueMicrotask(() => queueMicrotask(() => running.unsubscribe()));
    });
    await Promise.resolve();
    expect(sdk.spans()).toMatchObject([{ attributes: { 'error.type': 'abandoned' } }]);
  });

  it('the span of a handler is missing while no tracer provider is registered, and exists after the registration', async () => {
    const sdk = startSdk();
    const provider = trace.getTracerProvider();
    trace.disable();
    const store = createMemoryStore();
    instrument(store);
    const active: unknown[] = [];
    const handler = () => {
      active.push(trace.getActiveSpan()?.isRecording());
    };
    await store.storeEvent(request);
    await handledSpans(sdk, store, 1, { handler });
    trace.setGlobalTracerProvider(provider);
    await store.storeEvent(request);
    const spans = await handledSpans(sdk, store, 1, { handler });
    expect(active).toEqual([undefined, true]);
    expect(spans).toMatchObject([{ attributes: { 'rx_watcher.seq_num': 2 } }]);
  });

  it('the span of a handler is created by the tracer of the options', async () => {
    startSdk();
    const names: string[] = [];
    const store = createMemoryStore();
    const tracer = trace.getTracer('other');
    const startSpan: typeof tracer.startSpan = (name, ...rest) => {
      names.push(name);
      return tracer.startSpan(name, ...rest);
    };
    instrument(store, { tracer: { startSpan, startActiveSpan: tracer.startActiveSpan } });
    await store.storeEvent(request);
    await lastValueFrom(watch(store, 'mailer', { handler: () => of(1) }).pipe(take(1)));
    expect(names).toEqual(['handle mailer']);
  });

  it('the span of a handler ends once for each tracer if a store is instrumented with two tracers', async () => {
    const sdk = startSdk();
    const store = createMemoryStore();
    for (const name of ['first', 'second']) instrument(store, { tracer: trace.getTracer(name) });
    await store.storeEvents([request, request]);
    const spans = await handledSpans(sdk, store, 2, { handler: nothing });
    const ended = spans.map(({ instrumentationScope, attributes }) => [
      instrumentationScope.name,
      attributes['rx_watcher.seq_num'],
    ]);
    expect(ended).toEqual([
      ['first', 1],
      ['second', 1],
      ['first', 2],
      ['second', 2],
    ]);
  });
});
