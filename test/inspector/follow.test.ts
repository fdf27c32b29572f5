import type { EventStore } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { asyncScheduler, defer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Clock } from '../support/clock.ts';
import { onEachEngine } from '../support/each-engine.ts';
import { SseReader } from '../support/http-body.ts';
import { nextTurn } from '../support/next-turn.ts';
import { undecodableStore } from '../support/watcher/log-stores.ts';
import { inspect, type Stream } from './inspect.ts';

const append = (store: EventStore, ...objectTypes: readonly string[]) =>
  store.storeEvents(
    objectTypes.map((objectType) => ({ operation: 'CREATE', objectType, object: { objectType } })),
  );

const jobs = (count: number): readonly string[] => Array.from({ length: count }, () => 'Job');

/** Returns the ids of the next events. */
async function idsOf(stream: Stream, count: number): Promise<readonly (string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  while (ids.length < count) ids.push((await stream.nextNamed('event')).id);
  return ids;
}

onEachEngine((open) => {
  describe('GET api/events/follow', () => {
    it('GET api/events/follow sends events from a position on, and then new events', async () => {
      const store = await open();
      await append(store, 'Job', 'Order', 'Job');
      const follow = await inspect({ store }).stream('api/events/follow?from=2');
      expect(await follow.next()).toEqual({
        name: 'event',
        id: '2',
        data: {
          seqNum: 2,
          timestamp: expect.any(String),
          operation: 'CREATE',
          objectType: 'Order',
          preview: '{"objectType":"Order"}',
        },
      });
      expect(await idsOf(follow, 1)).toEqual(['3']);
      const next = idsOf(follow, 1);
      await append(store, 'Job');
      expect(await next).toEqual(['4']);
    });

    it('GET api/events/follow without a position sends the events that are stored after the connection', async () => {
      const store = await open();
      await append(store, 'Job');
      const follow = await inspect({ store }).stream('api/events/follow');
      const next = idsOf(follow, 2);
      // The stream determines its position only when the client begins to read. Wait for this read before the append.
      await nextTurn();
      await append(store, 'Job', 'Job');
      expect(await next).toEqual(['2', '3']);
    });

    it('GET api/events/follow without a position begins with the id of the last event, after which a client can continue', async () => {
      const store = await open();
      await append(store, 'Job', 'Job');
      const client = inspect({ store });
      const reader = new SseReader(await client.fetch('api/events/follow'));
      await reader.next();
      const begin = reader.next();
      await nextTurn();
      await append(store, 'Job');
      expect(await begin).toEqual({ id: '2' });
      await reader.cancel();
      const again = await client.stream('api/events/follow', { 'last-event-id': '2' });
      expect(await idsOf(again, 1)).toEqual(['3']);
    });

    it('GET api/events/follow continues after the event that the client has received last', async () => {
      const store = await open();
      await append(store, ...jobs(5));
      const follow = await inspect({ store }).stream('api/events/follow?from=1', { 'last-event-id': '3' });
      expect(await idsOf(follow, 2)).toEqual(['4', '5']);
    });

    it('GET api/events/follow sends only events that match the filter', async () => {
      const store = await open();
      await append(store, ...jobs(300), 'Order', ...jobs(300), 'Order');
      const follow = await inspect({ store }).stream('api/events/follow?from=1&type=Order');
      expect(await idsOf(follow, 2)).toEqual(['301', '602']);
      const next = idsOf(follow, 1);
      await append(store, 'Job');
      await append(store, 'Order');
      expect(await next).toEqual(['604']);
    });

    it('GET api/events/follow sends a problem and ends if the position was trimmed', async () => {
      const store = await open({ retention: { maxEvents: 1 }, gcAgeThreshold: 0 });
      await append(store, ...jobs(50));
      await store.collectGarbage();
      const follow = await inspect({ store }).stream('api/events/follow?from=1');
      const problem = await follow.next();
      expect(problem).toMatchObject({ name: 'problem', data: { status: 410, code: 'ERR_SEQUENCE_TRIMMED' } });
      expect(await follow.next()).toBeUndefined();
    });

    it('GET api/events/follow ends when the store is closed', async () => {
      const store = await open();
      const follow = await inspect({ store }).stream('api/events/follow');
      const next = follow.next();
      await nextTurn();
      await store.close();
      expect(await next).toBeUndefined();
    });
  });
});

describe('GET api/events/follow', () => {
  it('GET api/events/follow shows an event with an object that cannot be decoded, and continues', async () => {
    const store = undecodableStore(asyncScheduler, 'Job', 'Bad', 'Job');
    const follow = await inspect({ store }).stream('api/events/follow?from=1');
    expect([await follow.next(), await follow.next(), await follow.next()]).toMatchObject([
      { id: '1' },
      { id: '2', data: { objectType: 'Bad', problem: 'undecodable' } },
      { id: '3' },
    ]);
  });

  it('GET api/events/follow reads no further events for a client that does not read', async () => {
    const store = createMemoryStore();
    await append(store, ...jobs(1000));
    let reads = 0;
    const getEvents: EventStore['getEvents'] = (request) =>
      defer(() => {
        reads++;
        return store.getEvents(request);
      });
    const follow = await inspect({ store: { ...store, getEvents } }).stream('api/events/follow?from=1');
    expect(reads).toBe(0);
    await idsOf(follow, 1);
    await nextTurn();
    expect(reads).toBe(1);
    await idsOf(follow, 999);
    expect(reads).toBe(10);
  });

  it('GET api/events/follow sends its position after 15 seconds without an event, and frees its timer when the client leaves', async () => {
    const clock = new Clock();
    const store = createMemoryStore({ scheduler: clock });
    const reader = new SseReader(await inspect({ store }).fetch('api/events/follow?type=Order'));
    expect(await reader.take(2)).toEqual([{ retry: '2000' }, { id: '0' }]);
    const next = reader.next();
    await clock.advance(14_000);
    // An excluded event does not end the wait.
    await append(store, 'Job');
    await clock.advance(1000);
    expect(await next).toEqual({ id: '1' });
    const last = reader.next();
    await clock.advance(1000);
    await reader.cancel();
    expect(await last).toBeUndefined();
    expect(clock.timers).toBe(0);
  });

  it.each([
    ['from=0', undefined, /^from must be a whole number from 1/],
    ['limit=5', undefined, /^limit is not a known/],
    ['operation=x', undefined, /^operation must/],
    ['', 'x', /Last-Event-ID must be a sequence number/],
    ['', '-1', /Last-Event-ID must be a sequence number/],
  ])(
    'GET api/events/follow with the query "%s" and the last event id %s answers with status 400',
    async (query, id, detail) => {
      const { status, body } = await inspect({ store: createMemoryStore() }).get(
        `api/events/follow?${query}`,
        {
          headers: id === undefined ? {} : { 'last-event-id': id },
        },
      );
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'ERR_INVALID_PARAMETER' });
      expect(body.detail).toMatch(detail);
    },
  );
});
