import { stream } from '@durable-streams/client';
import { firstValueFrom, Subject, take, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { createFeed } from '../../../src/http/feed/create-feed.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { startServer } from '../../support/http-server.ts';

interface StateMessage {
  readonly type: string;
  readonly key: string;
  readonly value?: unknown;
  readonly old_value?: unknown;
  readonly headers: { readonly operation: string; readonly timestamp: string };
}

const createJobs = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    operation: 'CREATE' as const,
    objectType: 'Job',
    key: `j${index + 1}`,
    object: { id: index + 1 },
  }));

test('the Durable Streams client reads a log of several pages from the first to the last event', async () => {
  const store = createMemoryStore();
  await store.storeEvents(createJobs(1234));
  const address = await startServer(createFeed(store).node);

  const response = await stream<StateMessage>({ url: `${address}/stream`, offset: '-1' });
  const messages = await response.json();

  expect(messages.map(({ value }) => value)).toEqual(createJobs(1234).map(({ object }) => object));
  expect(messages[0]).toEqual({
    type: 'Job',
    key: 'j1',
    value: { id: 1 },
    headers: { operation: 'insert', timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) },
  });
  expect(response.offset).toBe('0000000000001234');
});

test.each(['sse', 'long-poll'] as const)(
  'the Durable Streams client receives stored events and then new events by %s, each once and in order',
  async (live) => {
    const store = createMemoryStore();
    await store.storeEvents(createJobs(3));
    const address = await startServer(createFeed(store).node);
    const values = new Subject<unknown>();
    const received = firstValueFrom(values.pipe(take(6), toArray()));
    const third = firstValueFrom(values.pipe(take(3), toArray()));

    const response = await stream<StateMessage>({ url: `${address}/stream`, offset: '-1', live });
    const unsubscribe = response.subscribeJson(({ items }) => {
      for (const { value } of items) values.next(value);
    });
    await third;
    for (const id of [4, 5, 6])
      await store.storeEvent({ operation: 'UPDATE', objectType: 'Job', object: { id } });

    expect(await received).toEqual([1, 2, 3, 4, 5, 6].map((id) => ({ id })));
    unsubscribe();
    response.cancel();
  },
);

test('the Durable Streams client resumes after the offset of an earlier response', async () => {
  const store = createMemoryStore();
  await store.storeEvents(createJobs(2));
  const address = await startServer(createFeed(store).node);
  const first = await stream<StateMessage>({ url: `${address}/stream`, live: false });
  await first.json();
  await store.storeEvent({ operation: 'DELETE', objectType: 'Job', key: 'j1', object: { id: 1 } });

  const second = await stream<StateMessage>({ url: `${address}/stream`, offset: first.offset, live: false });

  expect(await second.json()).toEqual([
    {
      type: 'Job',
      key: 'j1',
      old_value: { id: 1 },
      headers: { operation: 'delete', timestamp: expect.any(String) },
    },
  ]);
});

test('the Durable Streams client reports an error with status 410 if the event after its offset was deleted', async () => {
  const store = createMemoryStore({ retention: { maxEvents: 1 } });
  await store.storeEvents(createJobs(3));
  await store.collectGarbage();
  const address = await startServer(createFeed(store).node);
  const offset = '0000000000000001';
  await expect(stream({ url: `${address}/stream`, offset, live: false })).rejects.toMatchObject({
    status: 410,
  });
});
