import { once } from 'node:events';
import { request as openRequest } from 'node:http';
import type { EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { finalize, firstValueFrom, Observable, Subject } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createFeed } from '../../src/http/feed/create-feed.ts';
import { BodyReader, SseReader } from '../support/http-body.ts';
import { startServer } from '../support/http-server.ts';
import { testFile } from '../support/lmdb/test-store.ts';
import { nextTurn } from '../support/next-turn.ts';
import { feedOf, SSE, storeJobs, testFeed } from './feed-requests.ts';

/** Store that counts its reads. */
interface CountedStore {
  readonly store: EventStore;
  /** Number of pages that were requested. */
  reads: number;
  /** Number of reads that have not ended. */
  pending: number;
  /** Emits when a read has ended. */
  readonly ended$: Subject<void>;
}

function countedStore(store = createMemoryStore()): CountedStore {
  const counted: CountedStore = {
    store: {
      ...store,
      getEvents: (request) =>
        new Observable((subscriber) => {
          counted.reads++;
          counted.pending++;
          return store
            .getEvents(request)
            .pipe(
              finalize(() => {
                counted.pending--;
                counted.ended$.next();
              }),
            )
            .subscribe(subscriber);
        }),
    },
    reads: 0,
    pending: 0,
    ended$: new Subject(),
  };
  return counted;
}

describe('many readers of the feed', () => {
  test('many readers that wait at the tail of the feed share one read of the store, and receive the next event', async () => {
    const counted = countedStore();
    const { store, get } = feedOf(counted.store);
    const readers = await Promise.all(
      Array.from({ length: 100 }, async () => new SseReader(await get('/events?from=latest', SSE))),
    );
    await Promise.all(readers.map((reader) => reader.next()));
    const next = readers.map((reader) => reader.next());
    await nextTurn();
    const { reads, pending } = counted;
    expect(pending).toBe(1);
    await storeJobs(store, 1);
    const events = await Promise.all(next);
    expect(new Set(events.map((event) => event?.id))).toEqual(new Set(['1']));
    expect(counted.reads - reads).toBeLessThanOrEqual(1);
  });

  test('readers of the feed share a read only if their filters are equal', async () => {
    const counted = countedStore();
    const { store, get } = feedOf(counted.store);
    const paths = ['type=Job&type=User', 'type=User&type=Job', 'type=Job'];
    const readers = await Promise.all(
      paths.map(async (query) => new SseReader(await get(`/events?${query}`, SSE))),
    );
    await Promise.all(readers.map((reader) => reader.next()));
    const next = readers.map((reader) => reader.next());
    await nextTurn();
    expect(counted.pending).toBe(2);
    await storeJobs(store, 1);
    expect((await Promise.all(next)).map((event) => event?.id)).toEqual(['1', '1', '1']);
  });

  test('many readers of the feed that start at different positions receive each event once and in order during appends', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 50);
    const readers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        return new SseReader(await get(`/events?from=${index + 1}&limit=${100 - index}`, SSE));
      }),
    );
    const appends = (async () => {
      for (let count = 0; count < 50; count++) await storeJobs(store, 1);
    })();
    const received = await Promise.all(readers.map((reader) => reader.rest()));
    await appends;
    for (const [index, events] of received.entries()) {
      const ids = Array.from({ length: 100 - index }, (_, offset) => String(index + 1 + offset));
      expect(events.map(({ id }) => id)).toEqual(ids);
    }
  });
});

describe('a reader of the feed', () => {
  test('the read of the store ends when the last reader leaves the feed', async () => {
    const counted = countedStore();
    const { get } = feedOf(counted.store);
    const reader = new SseReader(await get('/events', SSE));
    await reader.next();
    const next = reader.next();
    await nextTurn();
    expect(counted.pending).toBe(1);
    await reader.cancel();
    await next;
    expect(counted.pending).toBe(0);
  });

  test('a reader of the feed that closes its connection during a long poll ends its read of the store', async () => {
    const counted = countedStore();
    const address = await startServer(createFeed(counted.store).node);
    const client = new AbortController();
    const waiting = new Subject<void>();
    const { getEvents } = counted.store;
    counted.store.getEvents = (request) => {
      if (request.longPollingTimeout === Number.POSITIVE_INFINITY) queueMicrotask(() => waiting.next());
      return getEvents(request);
    };
    const isWaiting = firstValueFrom(waiting);
    const response = fetch(`${address}/stream?offset=-1&live=long-poll`, { signal: client.signal });
    response.catch(() => undefined);
    await isWaiting;
    expect(counted.pending).toBe(1);
    const ended = firstValueFrom(counted.ended$);
    client.abort();
    await ended;
    expect(counted.pending).toBe(0);
  });

  test('a client that does not read its socket stops its reads of the store, and later receives every event', async () => {
    const counted = countedStore();
    const text = 'x'.repeat(10_000);
    const requests = Array.from({ length: 2000 }, (_, id) => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      object: { id, text },
    }));
    await counted.store.storeEvents(requests);
    const full = new Subject<void>();
    const feed = createFeed(counted.store);
    const address = await startServer((req, res) => {
      const write = res.write.bind(res) as (chunk: unknown) => boolean;
      res.write = (chunk: unknown) => {
        const hasRoom = write(chunk);
        if (!hasRoom) full.next();
        return hasRoom;
      };
      feed.node(req, res);
    });
    const isFull = firstValueFrom(full);
    const [response] = await once(openRequest(`${address}/events`).end(), 'response');
    await isFull;
    // A read of the whole log needs four pages of five megabytes. The socket has room for one, so the feed must stop earlier.
    expect(counted.reads).toBeLessThan(4);
    let lines = 0;
    for await (const chunk of response) lines += Buffer.from(chunk).toString().split('\n').length - 1;
    expect(lines).toBe(2000);
  });

  test('a reader of the feed on LMDB receives events of another process', async () => {
    const path = testFile();
    const { get } = feedOf(openLmdbStore({ path }));
    const reader = new BodyReader(await get('/events?live=true'), '\n');
    const next = reader.next();
    const other = openLmdbStore({ path });
    await storeJobs(other, 1);
    expect(await next).toContain('"seqNum":1');
    await other.close();
  });

  test('a reader with a filter passes 100,000 excluded events in several turns of the event loop', async () => {
    const { store, get } = testFeed();
    for (let batch = 0; batch < 10; batch++) await storeJobs(store, 10_000);
    await store.storeEvent({ operation: 'CREATE', objectType: 'User', object: 1 });
    let turns = 0;
    let isRead = false;
    const countTurn = (): void => {
      turns++;
      if (!isRead) setImmediate(countTurn);
    };
    setImmediate(countTurn);
    const lines = await new BodyReader(await get('/events?type=User'), '\n').rest();
    isRead = true;
    expect(lines).toHaveLength(1);
    expect(turns).toBeGreaterThan(5);
  });
});

test('the close of a store ends the server-sent events, lines and long polls of its feed without an error', async () => {
  const { store, get } = testFeed();
  const sse = new SseReader(await get('/events', SSE));
  const lines = new BodyReader(await get('/events?live=true'), '\n');
  const stream = new SseReader(await get('/stream?offset=-1&live=sse'));
  const poll = get('/stream?offset=-1&live=long-poll');
  await Promise.all([sse.next(), stream.next()]);
  const ends = [sse.next(), lines.next(), stream.next()];
  await nextTurn();
  await store.close();
  expect(await Promise.all(ends)).toEqual([undefined, undefined, undefined]);
  expect((await poll).status).toBe(204);
});
