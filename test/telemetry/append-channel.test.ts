import type { AppendMessage, StoreEventRequest } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { describe, expect, it } from 'vitest';
import { onStart, recordMessages } from './recorded-messages.ts';

const NAME = 'rx-watcher:append';
const request = (id: number): StoreEventRequest => ({
  operation: 'CREATE',
  objectType: 'Job',
  object: { id },
});

describe('the channel rx-watcher:append', () => {
  it('the channel rx-watcher:append publishes the same message object at the call of storeEvent and at each later step of the append', async () => {
    const published = recordMessages<AppendMessage>(NAME);
    const store = createMemoryStore();
    const event = await store.storeEvent(request(1));
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(new Set(published.map(([, message]) => message)).size).toBe(1);
    expect(published[0]?.[1]).toMatchObject({ requests: [request(1)], result: event });
    expect(published[0]?.[1].store.internals).toBe(store.internals);
  });

  it('the channel rx-watcher:append publishes one message for all requests of a call of storeEvents', async () => {
    const published = recordMessages<AppendMessage>(NAME);
    await createMemoryStore().storeEvents([request(1), request(2)]);
    expect(published).toHaveLength(4);
    expect(published[0]?.[1].requests).toEqual([request(1), request(2)]);
  });

  it('the channel rx-watcher:append publishes the error of a storeEvents with an argument that is not a list', async () => {
    const published = recordMessages<AppendMessage>(NAME);
    const store = createMemoryStore();
    const error = await store.storeEvents(5 as never).catch((reason) => reason);
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(published[0]?.[1]).toMatchObject({ requests: [5], error });
  });

  it('the channel rx-watcher:append publishes the error of a storeEvent with an invalid request', async () => {
    const published = recordMessages<AppendMessage>(NAME);
    const error = await createMemoryStore()
      .storeEvent({ ...request(1), operation: 'DROP' as never })
      .catch((reason) => reason);
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(published[0]?.[1]).toMatchObject({ error });
    expect(error).toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it('the channel rx-watcher:append publishes the error of an append with the id of a different event', async () => {
    const store = createMemoryStore();
    await store.storeEvent({ ...request(1), id: 'a' });
    const published = recordMessages<AppendMessage>(NAME);
    const error = await store
      .storeEvent({ ...request(1), id: 'a', objectType: 'Order' })
      .catch((reason) => reason);
    expect(published.map(([name]) => name)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
    expect(published[0]?.[1]).toMatchObject({ error });
    expect(error).toMatchObject({ code: 'ERR_DUPLICATE_ID' });
  });

  it('a subscriber of the channel rx-watcher:append can add metadata to each event of an append', async () => {
    onStart<AppendMessage>(NAME, (message) => {
      message.metadata = { traceparent: '00-1' };
    });
    const store = createMemoryStore();
    expect(await store.storeEvent(request(1))).toMatchObject({ metadata: { traceparent: '00-1' } });
    const events = await store.storeEvents([request(2), { ...request(3), metadata: { user: 'ann' } }]);
    expect(events.map(({ metadata }) => metadata)).toEqual([
      { traceparent: '00-1' },
      { user: 'ann', traceparent: '00-1' },
    ]);
  });

  it('the channel rx-watcher:append adds no metadata to a request that already has metadata with one of the names', async () => {
    onStart<AppendMessage>(NAME, (message) => {
      message.metadata = { traceparent: '00-1', tracestate: 'a=1' };
    });
    const metadata = { traceparent: '00-2' };
    const stored = await createMemoryStore().storeEvent({ ...request(1), metadata });
    expect(stored.metadata).toEqual(metadata);
  });

  it('the channel rx-watcher:append stores an event without the added metadata if all its metadata together would be too large', async () => {
    onStart<AppendMessage>(NAME, (message) => {
      message.metadata = { traceparent: '00-1' };
    });
    const value = 'x'.repeat(8 * 1024 - 1);
    const metadata = { a: value, b: value, c: value, d: value };
    const event = await createMemoryStore().storeEvent({ ...request(1), metadata });
    expect(Object.keys(event.metadata ?? {})).toEqual(['a', 'b', 'c', 'd']);
  });

  it('the channel rx-watcher:append ignores metadata of a subscriber that is not valid', async () => {
    onStart<AppendMessage>(NAME, (message) => {
      message.metadata = { traceparent: 5 as never };
    });
    expect(await createMemoryStore().storeEvent(request(1))).not.toHaveProperty('metadata');
  });

  it('the channel rx-watcher:append publishes nothing when events of another log are imported', async () => {
    const event = await createMemoryStore().storeEvent(request(1));
    const published = recordMessages<AppendMessage>(NAME);
    await createMemoryStore().importEvents?.(0, [event]);
    expect(published).toEqual([]);
  });
});
