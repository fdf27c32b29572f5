import { context, trace } from '@opentelemetry/api';
import { type AppendMessage, type EventStore, watch } from 'rx-watcher';
import { instrument } from 'rx-watcher/opentelemetry';
import { lastValueFrom, take } from 'rxjs';
import { expect, it } from 'vitest';
import { onEachEngine } from '../support/each-engine.ts';
import { recordMessages } from './recorded-messages.ts';
import { startSdk } from './start-sdk.ts';

const request = (objectType: string) => ({ operation: 'CREATE', objectType, object: {} }) as const;
type Transact = NonNullable<EventStore['transaction']>;

onEachEngine((open) => {
  it('the append channel publishes the result of each append of a transaction when the transaction is durable', async () => {
    const store = await open();
    const published = recordMessages<AppendMessage>('rx-watcher:append');
    const events = await (store.transaction as Transact)((storeEvent) => {
      const stored = [storeEvent(request('A')), storeEvent(request('B'))];
      expect(published.map(([name]) => name)).toEqual(['start', 'end', 'start', 'end']);
      return stored;
    });
    const names = ['start', 'end', 'start', 'end', 'asyncStart', 'asyncEnd', 'asyncStart', 'asyncEnd'];
    expect(published.map(([name]) => name)).toEqual(names);
    expect(published[4]?.[1]).toMatchObject({ requests: [request('A')], result: events[0] });
    expect(published[6]?.[1]).toMatchObject({ requests: [request('B')], result: events[1] });
  });

  it('the append channel publishes the error of a transaction for each of its appends', async () => {
    const store = await open();
    const published = recordMessages<AppendMessage>('rx-watcher:append');
    const error = new Error('no');
    const transaction = (store.transaction as Transact)((storeEvent) => {
      storeEvent(request('A'));
      throw error;
    });
    await expect(transaction).rejects.toBe(error);
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(published.at(-1)?.[1]).toMatchObject({ requests: [request('A')], error });
  });

  it('the append channel publishes the error of a request that is not valid, and not the result of the transaction', async () => {
    const store = await open();
    const published = recordMessages<AppendMessage>('rx-watcher:append');
    await (store.transaction as Transact)((storeEvent) => {
      expect(() => storeEvent({} as never)).toThrow();
    });
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  });

  it('the events of a transaction have the span of the caller of the transaction as traceparent', async () => {
    startSdk();
    const store = await open();
    instrument(store);
    const span = trace.getTracer('test').startSpan('request');
    const event = await context.with(trace.setSpan(context.active(), span), () =>
      (store.transaction as Transact)((storeEvent) => storeEvent(request('A'))),
    );
    const { traceId, spanId } = span.spanContext();
    expect(event.metadata).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  it('instrument stores the span of a transaction handler as traceparent of the events that the handler stores', async () => {
    const sdk = startSdk();
    const store = await open();
    instrument(store);
    await store.storeEvents([request('A'), request('A')]);
    const options = {
      filter: { objectTypes: ['A'] },
      transactionHandler: (_event: unknown, { storeEvent }: { storeEvent(r: object): unknown }) => {
        storeEvent(request('B'));
      },
    };
    await lastValueFrom(watch(store, 'w', options as never).pipe(take(2)));
    const page = await lastValueFrom(
      store.getEvents({ iterator: { type: 'trim_horizon' }, filter: { objectTypes: ['B'] } }),
    );
    const handled = sdk.spans().map((span) => span.spanContext());
    // The events can be handled in one transaction or in two.
    const traceparents = new Set(page.events.map(({ metadata }) => metadata?.traceparent));
    expect(traceparents).toEqual(new Set(handled.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)));
  });
});
