import { describe, expect, test } from 'vitest';
import { Clock } from '../support/clock.ts';
import { SseReader } from '../support/http-body.ts';
import { problemOf, storeJobs, testFeed } from './feed-requests.ts';

const offset = (seqNum: number): string => String(seqNum).padStart(16, '0');

describe('the messages of /stream', () => {
  test('the messages of /stream are changes of the State Protocol, and an event without a key has its sequence number as key', async () => {
    const { store, get } = testFeed();
    const stored = await store.storeEvents([
      { operation: 'CREATE', objectType: 'Job', object: { id: 1 }, key: 'a' },
      { operation: 'UPDATE', objectType: 'Job', object: { id: 2 } },
      { operation: 'DELETE', objectType: 'Job', object: { id: 1 }, key: 'a' },
    ]);
    const times = stored.map(({ timestamp }) => timestamp.toISOString());
    expect(await (await get('/stream')).json()).toEqual([
      { type: 'Job', key: 'a', value: { id: 1 }, headers: { operation: 'insert', timestamp: times[0] } },
      { type: 'Job', key: '2', value: { id: 2 }, headers: { operation: 'update', timestamp: times[1] } },
      { type: 'Job', key: 'a', old_value: { id: 1 }, headers: { operation: 'delete', timestamp: times[2] } },
    ]);
  });

  test('the messages of /stream are the values that streamMessage returns', async () => {
    const { store, get } = testFeed({ streamMessage: ({ object, seqNum }) => [seqNum, object] });
    await storeJobs(store, 2);
    expect(await (await get('/stream')).json()).toEqual([
      [1, { id: 1 }],
      [2, { id: 2 }],
    ]);
  });

  test('the messages of /stream match the filter of the query, and the offset passes excluded events', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 3);
    const response = await get('/stream?type=User');
    expect(await response.json()).toEqual([]);
    expect(response.headers.get('stream-next-offset')).toBe(offset(3));
    expect(response.headers.get('stream-up-to-date')).toBe('true');
  });
});

describe('the headers of a response of /stream', () => {
  test('a page of /stream before the end of the log can be stored by caches, and is not marked as up to date', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 600);
    const response = await get('/stream');
    expect(await response.json()).toHaveLength(500);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'private, max-age=60, stale-while-revalidate=300',
      'cross-origin-resource-policy': 'same-origin',
      etag: expect.stringMatching(/^"1-500-[0-9a-z]+"$/),
      'stream-next-offset': offset(500),
      'x-content-type-options': 'nosniff',
    });
  });

  test('the headers of a response of /stream permit shared caches to store a page if the feed has the option cache: public', async () => {
    const { store, get } = testFeed({ cache: 'public' });
    await storeJobs(store, 1);
    expect((await get('/stream')).headers.get('cache-control')).toMatch(/^public, max-age=60/);
  });

  test('a response of /stream without events forbids caches to reuse it unchecked, so that the next event is not delayed', async () => {
    const { get } = testFeed();
    expect((await get('/stream')).headers.get('cache-control')).toBe('private, no-cache');
    expect((await get('/stream?offset=now')).headers.get('cache-control')).toBe('no-store');
  });

  test('the response to a HEAD request for /stream contains the offset of the end of the log', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 7);
    const response = await get('/stream', {}, 'HEAD');
    expect(response.headers.get('stream-next-offset')).toBe(offset(7));
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('the headers of a response of /stream contain another entity tag after the oldest events are deleted', async () => {
    const { store, get } = testFeed({}, { retention: { maxEvents: 2 } });
    await storeJobs(store, 5);
    const before = (await get('/stream')).headers.get('etag') ?? '';
    expect((await get('/stream', { 'if-none-match': before })).status).toBe(304);
    expect((await get('/stream', { 'if-none-match': `"x", W/${before}` })).status).toBe(304);
    await store.collectGarbage();
    const response = await get('/stream', { 'if-none-match': before });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveLength(2);
  });
});

describe('the query of /stream', () => {
  test.each([
    ['offset=5', 'offset', 'offset must be -1, now, or an offset that a response has returned.'],
    ['offset=', 'offset', 'offset must be -1, now, or an offset that a response has returned.'],
    ['offset=-1&offset=now', 'offset', 'offset must not be repeated.'],
    [`offset=${offset(3)}`, 'offset', 'offset must be at most 2, because the last event is 2.'],
    ['live=sse', 'offset', 'offset must be present with live.'],
    ['offset=-1&live=yes', 'live', 'live must be long-poll or sse.'],
    ['operation=x', 'operation', 'operation must be one of CREATE, UPDATE, DELETE.'],
  ])(
    'the query ?%s of /stream is refused with status 400, and the problem names the parameter %s',
    async (query, parameter, detail) => {
      const { store, get } = testFeed();
      await storeJobs(store, 2);
      expect(await problemOf(await get(`/stream?${query}`))).toMatchObject({
        status: 400,
        parameter,
        detail,
      });
    },
  );

  test.each(['', '&live=long-poll', '&live=sse'])(
    'an offset of /stream before the oldest event is refused with status 410, with the query %j',
    async (query) => {
      const { store, get } = testFeed({}, { retention: { maxEvents: 2 } });
      await storeJobs(store, 5);
      await store.collectGarbage();
      expect(await problemOf(await get(`/stream?offset=${offset(2)}${query}`))).toMatchObject({
        status: 410,
        oldestSeqNum: 4,
      });
    },
  );

  test('the offset -1 of /stream starts at the oldest event that the log contains', async () => {
    const { store, get } = testFeed(
      { streamMessage: ({ seqNum }) => seqNum },
      { retention: { maxEvents: 2 } },
    );
    await storeJobs(store, 5);
    await store.collectGarbage();
    expect(await (await get('/stream?offset=-1')).json()).toEqual([4, 5]);
  });
});

describe('a long poll of /stream', () => {
  test('a long poll of /stream continues over excluded events until an event matches', async () => {
    const { store, get } = testFeed({ streamMessage: ({ seqNum }) => seqNum });
    const response = get('/stream?offset=now&live=long-poll&type=User');
    for (let count = 0; count < 3; count++) await storeJobs(store, 1);
    await store.storeEvent({ operation: 'CREATE', objectType: 'User', object: 1 });
    expect(await (await response).json()).toEqual([4]);
    expect((await response).headers.get('stream-next-offset')).toBe(offset(4));
  });

  test('a long poll of /stream ends with status 204, the offset and a cursor after the timeout', async () => {
    const { store, get } = testFeed({ longPollTimeout: 10 });
    await storeJobs(store, 2);
    const response = await get(`/stream?offset=${offset(2)}&live=long-poll`);
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'stream-cursor': expect.stringMatching(/^\d+$/),
      'stream-next-offset': offset(2),
      'stream-up-to-date': 'true',
    });
  });
});

describe('a response of /stream with server-sent events', () => {
  test('a response of /stream with server-sent events sends the offset after its last event, and ends after streamDuration', async () => {
    const clock = new Clock();
    const { store, get } = testFeed({ streamDuration: 30, heartbeatInterval: 15 }, { scheduler: clock });
    await storeJobs(store, 1);
    const reader = new SseReader(await get('/stream?offset=-1&live=sse'));
    const [, control] = await reader.take(2);
    expect(JSON.parse(control?.data ?? '')).toMatchObject({ streamNextOffset: offset(1), upToDate: true });
    const rest = reader.rest();
    for (let beat = 1; beat <= 2; beat++) await clock.advance(15);
    expect(await rest).toEqual([{ comment: '' }]);
  });

  test('a heartbeat of /stream contains the position after excluded events', async () => {
    const { store, get } = testFeed({ heartbeatInterval: 15 });
    const reader = new SseReader(await get('/stream?offset=-1&live=sse&type=User'));
    await reader.next();
    await storeJobs(store, 3);
    let event = await reader.next();
    while (event?.event !== 'control') event = await reader.next();
    expect(JSON.parse(event.data ?? '')).toMatchObject({ streamNextOffset: offset(3), upToDate: true });
    await reader.cancel();
  });

  test('the cursor of /stream does not decrease, and is higher than the cursor of the request', async () => {
    const { store, get } = testFeed();
    const reader = new SseReader(await get('/stream?offset=-1&live=sse&cursor=99999999'));
    const cursors: number[] = [];
    for (let count = 0; count < 3; count++) {
      const { data = '{}', event } = (await reader.next()) ?? {};
      if (event === 'control') cursors.push(Number(JSON.parse(data).streamCursor));
      else count--;
      if (count < 2) await storeJobs(store, 1);
    }
    expect(cursors[0]).toBeGreaterThan(99_999_999);
    expect(cursors).toEqual([...cursors].sort((one, other) => one - other));
    await reader.cancel();
  });
});
