import {
  DuplicateIdError,
  type EventStore,
  InvalidRequestError,
  type StoreEventRequest,
  trimHorizon,
} from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { request } from 'rx-watcher/testing';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';

const eventsOf = (store: EventStore) =>
  firstValueFrom(store.events(trimHorizon(), { live: false }).pipe(toArray()));

describe('the context (key, id and metadata) of an event', () => {
  test('the context of an event is stored with exactly the fields of the request', async () => {
    const store = createMemoryStore();
    const context = { key: 'order-17', id: 'e1', metadata: { user: 'ada', __proto__: null } };
    const stored = await store.storeEvent(request({ ...context, metadata: { user: 'ada' } }));

    expect(stored).toMatchObject({ key: 'order-17', id: 'e1', metadata: { user: 'ada' } });
    expect(Object.keys(await store.storeEvent(request({ key: 'k' })))).not.toContain('metadata');
    expect(Object.keys(await store.storeEvent({ ...request(), id: undefined } as never))).not.toContain('id');
    expect((await eventsOf(store))[0]).toEqual(stored);
  });

  test('the context of an event contains a frozen copy of the metadata at the time of the call', async () => {
    const store = createMemoryStore();
    const metadata = { user: 'ada' };
    const stored = store.storeEvent(request({ metadata }));
    metadata.user = 'eve';

    expect((await stored).metadata).toEqual({ user: 'ada' });
    expect(Object.isFrozen((await stored).metadata)).toBe(true);
  });

  const kib = (count: number) => 'x'.repeat(count * 1024);

  test.each<[string, object, string]>([
    ['an empty key', { key: '' }, 'key'],
    ['a key of 1025 bytes', { key: 'x'.repeat(1025) }, 'key'],
    ['a key of 1024 characters and more bytes', { key: 'é'.repeat(1024) }, 'key'],
    ['a key with a lone surrogate', { key: '\ud800' }, 'key'],
    ['a key that is a number', { key: 5 }, 'key'],
    ['an empty id', { id: '' }, 'id'],
    ['an id of 257 bytes', { id: 'x'.repeat(257) }, 'id'],
    ['metadata that is an array', { metadata: ['a'] }, 'metadata'],
    ['metadata that is a Map', { metadata: new Map([['a', 'b']]) }, 'metadata'],
    ['metadata with a number', { metadata: { user: 5 } }, 'metadata.user'],
    ['metadata with an empty name', { metadata: { '': 'a' } }, 'metadata'],
    ['metadata with a value of more than 8 KiB', { metadata: { a: `${kib(8)}x` } }, 'metadata.a'],
    [
      'metadata of 33 KiB',
      { metadata: { a: kib(8), b: kib(8), c: kib(8), d: kib(8), e: kib(1) } },
      'metadata',
    ],
  ])('a request is rejected if its context has %s', async (_title, fields, path) => {
    const store = createMemoryStore();
    const error = await store.storeEvent({ ...request(), ...fields } as StoreEventRequest).catch((e) => e);

    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error.faults.map((fault: { path: string }) => fault.path)).toEqual([path]);
    expect(await eventsOf(store)).toEqual([]);
  });
});

describe('an append with an id', () => {
  test('an append with an id stores nothing if the log holds the id, and resolves with the stored event', async () => {
    const store = createMemoryStore();
    const first = await store.storeEvent(request({ id: 'e1', object: { n: 1 } }));
    const second = await store.storeEvent(request({ id: 'e1', object: { n: 2 } }));

    expect(second).toEqual(first);
    expect(await eventsOf(store)).toEqual([first]);
  });

  test.each<[string, Partial<StoreEventRequest>]>([
    ['operation', { operation: 'DELETE' }],
    ['objectType', { objectType: 'Other' }],
    ['key', { key: 'b' }],
  ])('an append with an id is rejected if the event with this id has another %s', async (name, fields) => {
    const store = createMemoryStore();
    await store.storeEvent(request({ id: 'e1', key: 'a' }));
    const error = await store
      .storeEvents([request(), request({ id: 'e1', key: 'a', ...fields })])
      .catch((e) => e);

    expect(error).toBeInstanceOf(DuplicateIdError);
    expect(error).toMatchObject({ code: 'ERR_DUPLICATE_ID', id: 'e1', seqNum: 1 });
    expect(error.message).toContain(`differs in ${name}`);
    expect(await eventsOf(store)).toHaveLength(1);
  });

  test('a batch with two equal requests that have the same id stores one event for that id', async () => {
    const store = createMemoryStore();
    const stored = await store.storeEvents([request({ id: 'a' }), request(), request({ id: 'a' })]);

    expect(stored.map(({ seqNum }) => seqNum)).toEqual([1, 2, 1]);
    expect(await eventsOf(store)).toHaveLength(2);
  });

  test('a whole batch is rejected if two different requests have the same id', async () => {
    const store = createMemoryStore();
    const error = await store
      .storeEvents([request({ id: 'a' }), request({ id: 'a', operation: 'UPDATE' })])
      .catch((e) => e);

    expect(error).toBeInstanceOf(DuplicateIdError);
    expect(error.seqNum).toBeUndefined();
    expect(await eventsOf(store)).toEqual([]);
  });

  test('a batch resolves with its stored and its new events in the order of the requests', async () => {
    const store = createMemoryStore();
    await store.storeEvent(request({ id: 'a' }));
    const stored = await store.storeEvents([request({ id: 'b' }), request({ id: 'a' }), request()]);

    expect(stored.map(({ seqNum }) => seqNum)).toEqual([2, 1, 3]);
  });
});
