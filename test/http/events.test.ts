import { fromCloudEvent } from 'rx-watcher';
import type { FeedOptions } from 'rx-watcher/http';
import { describe, expect, test } from 'vitest';
import { BodyReader, SseReader } from '../support/http-body.ts';
import { silent } from '../support/silent-logger.ts';
import { CLOUD_EVENTS, problemOf, SSE, storeJobs, testFeed } from './feed-requests.ts';

const linesOf = async (response: Response): Promise<readonly unknown[]> =>
  (await new BodyReader(response, '\n').rest()).map((line) => JSON.parse(line));

const seqNumsOf = async (response: Response): Promise<readonly number[]> =>
  (await linesOf(response)).map((event) => (event as { seqNum: number }).seqNum);

describe('a response of /events in newline-delimited JSON', () => {
  test('a response of /events has each stored event with its context on one line, and ends', async () => {
    const { store, get } = testFeed();
    const { timestamp } = await store.storeEvent({
      operation: 'UPDATE',
      objectType: 'Job',
      object: { text: 'a\nb' },
      key: 'k',
      id: 'i',
      metadata: { user: 'u' },
    });
    await store.storeEvent({ operation: 'DELETE', objectType: 'Job', object: null });
    const response = await get('/events');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      vary: 'accept',
      'x-content-type-options': 'nosniff',
    });
    expect(await linesOf(response)).toEqual([
      {
        seqNum: 1,
        timestamp: timestamp.toISOString(),
        operation: 'UPDATE',
        objectType: 'Job',
        key: 'k',
        id: 'i',
        metadata: { user: 'u' },
        object: { text: 'a\nb' },
      },
      { seqNum: 2, timestamp: expect.any(String), operation: 'DELETE', objectType: 'Job', object: null },
    ]);
  });

  test('newline-delimited JSON is the default without an Accept header, and for an Accept header that accepts everything', async () => {
    const { get } = testFeed();
    for (const headers of [{}, { accept: '*/*' }, { accept: 'text/html, */*;q=0.8' }]) {
      expect((await get('/events', headers)).headers.get('content-type')).toBe('application/x-ndjson');
    }
  });

  test('a response of /events contains all events of a log with several pages, in order', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 1234);
    expect(await seqNumsOf(await get('/events'))).toEqual(
      Array.from({ length: 1234 }, (_, index) => index + 1),
    );
  });

  test('a response of /events does not contain an event that is stored after the request', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 2);
    const response = await get('/events');
    await storeJobs(store, 2);
    expect(await seqNumsOf(response)).toEqual([1, 2]);
  });

  test('a response of /events with live=true continues with new events until the store closes', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 1);
    const body = new BodyReader(await get('/events?live=true'), '\n');
    expect(await body.next()).toContain('"seqNum":1');
    await storeJobs(store, 1);
    expect(await body.next()).toContain('"seqNum":2');
    await store.close();
    expect(await body.next()).toBeUndefined();
  });

  test('a response of /events represents bytes in base64 and big integers by their digits', async () => {
    const { store, get } = testFeed({
      redact: () => ({ object: { bytes: new Uint8Array([1, 2, 255]), count: 2n ** 60n } }),
    });
    await storeJobs(store, 1);
    expect(await linesOf(await get('/events'))).toMatchObject([
      { object: { bytes: 'AQL/', count: '1152921504606846976' } },
    ]);
  });
});

describe('the query of /events', () => {
  test.each([
    ['from=2', [2, 3, 4]],
    ['from=5', []],
    ['from=trim_horizon', [1, 2, 3, 4]],
    ['from=latest', []],
    ['since=1h', [1, 2, 3, 4]],
    ['since=2026-01-31T12:00:00Z', [1, 2, 3, 4]],
    ['since=2999-01-31T12:00:00%2B01:00', []],
    ['type=Job', [1, 3]],
    ['type=Job&type=User', [1, 2, 3, 4]],
    ['operation=UPDATE', [3]],
    ['operation=UPDATE&operation=DELETE', [3, 4]],
    ['key=b', [2, 4]],
    ['type=User&operation=CREATE', [2]],
    ['limit=2', [1, 2]],
    ['from=2&limit=2&type=Job', [3]],
  ])('the query ?%s of /events selects the events %j', async (query, expected) => {
    const { store, get } = testFeed();
    await store.storeEvents([
      { operation: 'CREATE', objectType: 'Job', object: 1, key: 'a' },
      { operation: 'CREATE', objectType: 'User', object: 2, key: 'b' },
      { operation: 'UPDATE', objectType: 'Job', object: 3, key: 'a' },
      { operation: 'DELETE', objectType: 'User', object: 4, key: 'b' },
    ]);
    expect(await seqNumsOf(await get(`/events?${query}`))).toEqual(expected);
  });

  test.each([
    ['from=x', 'from', 'from must be a sequence number, trim_horizon or latest.'],
    ['from=-1', 'from', 'from must be a sequence number, trim_horizon or latest.'],
    ['from=1&from=2', 'from', 'from must not be repeated.'],
    ['from=4', 'from', 'from must be at most 3, because the last event is 2.'],
    ['from=1&since=1h', 'since', 'since must not be combined with from.'],
    [
      'since=yesterday',
      'since',
      'since must be a duration such as 2h, or a time such as 2026-01-31T12:00:00Z.',
    ],
    [
      'since=2026-01-31',
      'since',
      'since must be a duration such as 2h, or a time such as 2026-01-31T12:00:00Z.',
    ],
    ['type=', 'type', 'type must be a string of 1 to 1024 characters, well-formed and not blank.'],
    ['operation=create', 'operation', 'operation must be one of CREATE, UPDATE, DELETE.'],
    ['key=', 'key', expect.stringMatching(/^key must be /)],
    ['limit=0', 'limit', 'limit must be a whole number from 1.'],
    ['limit=1e3', 'limit', 'limit must be a whole number from 1.'],
    ['live=yes', 'live', 'live must be true or false.'],
    [
      'typ=Job',
      'typ',
      'typ is not a known parameter; the parameters are from, since, type, operation, key, limit, live.',
    ],
  ])(
    'the query ?%s of /events is refused with status 400, and the problem names the parameter %s',
    async (query, parameter, detail) => {
      const { store, get } = testFeed();
      await storeJobs(store, 2);
      const response = await get(`/events?${query}`);
      expect(await problemOf(response)).toEqual({
        type: 'application/problem+json',
        status: 400,
        title: 'Invalid parameter',
        detail,
        parameter,
      });
    },
  );

  test('a query of /events can contain the parameters of hostParameters, which the feed ignores', async () => {
    const { get } = testFeed({ hostParameters: ['access_token'] });
    expect((await get('/events?access_token=x')).status).toBe(200);
    expect((await get('/events?token=x')).status).toBe(400);
  });

  test('a query of /events from a position before the oldest event is refused with status 410 and the oldest sequence number', async () => {
    const { store, get } = testFeed({}, { retention: { maxEvents: 2 } });
    await storeJobs(store, 5);
    await store.collectGarbage();
    const response = await get('/events?from=3');
    expect(await problemOf(response)).toEqual({
      type: 'application/problem+json',
      status: 410,
      title: 'Events are deleted',
      detail: 'The log no longer holds the event at position 3. Its oldest event is 4.',
      code: 'ERR_SEQUENCE_TRIMMED',
      oldestSeqNum: 4,
    });
    expect(await seqNumsOf(await get('/events'))).toEqual([4, 5]);
  });
});

describe('the header Accept of a request of /events', () => {
  test.each([
    ['text/event-stream', 'text/event-stream'],
    ['text/*', 'text/event-stream'],
    ['application/*', 'application/x-ndjson'],
    ['application/x-ndjson;q=0.5, text/event-stream', 'text/event-stream'],
    ['*/*, application/x-ndjson;q=0', 'text/event-stream'],
    ['application/cloudevents+json', 'application/cloudevents-batch+json'],
    ['application/cloudevents-batch+json', 'application/cloudevents-batch+json'],
    ['APPLICATION/CLOUDEVENTS+JSON ; q=1', 'application/cloudevents-batch+json'],
  ])('the Accept header %s of a request of /events results in the media type %s', async (accept, type) => {
    const { get } = testFeed();
    expect((await get('/events', { accept })).headers.get('content-type')).toBe(type);
  });

  test.each(['text/html', 'application/x-ndjson;q=0', '*/*;q=0', 'nonsense'])(
    'the Accept header %s of a request of /events is refused with status 406 and a list of the available types',
    async (accept) => {
      const { get } = testFeed();
      expect(await problemOf(await get('/events', { accept }))).toMatchObject({
        status: 406,
        title: 'Not acceptable',
        detail: expect.stringContaining('application/x-ndjson, text/event-stream'),
      });
    },
  );
});

describe('a response of /events with CloudEvents', () => {
  test('a response with CloudEvents is a batch that fromCloudEvent converts back', async () => {
    const { store, get } = testFeed({ source: '/jobs' });
    const request = { operation: 'UPDATE', objectType: 'Job', object: { id: 1 }, key: 'k', id: 'x' } as const;
    await store.storeEvent(request);
    const response = await get('/events', CLOUD_EVENTS);
    const [cloudEvent, ...others] = (await response.json()) as readonly unknown[];
    expect(others).toEqual([]);
    expect(cloudEvent).toMatchObject({ source: '/jobs', type: 'Job.update' });
    expect(fromCloudEvent(cloudEvent)).toEqual(request);
  });

  test('a reader of CloudEvents reaches the last event through the links of the responses', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 1100);
    const counts: number[] = [];
    let path: string | undefined = '/events?type=Job&since=1h';
    while (path !== undefined) {
      const response: Response = await get(path, CLOUD_EVENTS);
      counts.push(((await response.json()) as readonly unknown[]).length);
      const link: string | null = response.headers.get('link');
      path = link === null ? undefined : `/events${/^<(.*)>; rel="next"$/.exec(link)?.[1]}`;
    }
    expect(counts).toEqual([500, 500, 100]);
  });

  test('the links of responses with CloudEvents end at the limit of the first request', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 1100);
    const first = await get('/events?limit=600', CLOUD_EVENTS);
    expect(first.headers.get('link')).toBe('<?limit=100&from=501>; rel="next"');
    const second = await get('/events?limit=100&from=501', CLOUD_EVENTS);
    expect(await second.json()).toHaveLength(100);
    expect(second.headers.get('link')).toBeNull();
  });

  test('a request for CloudEvents with live=true is refused with status 400', async () => {
    const { get } = testFeed();
    expect(await problemOf(await get('/events?live=true', CLOUD_EVENTS))).toMatchObject({
      status: 400,
      parameter: 'live',
    });
  });
});

describe('the option redact of a feed', () => {
  test('redact replaces the object and the context of events in every format, and removes the fields that it omits', async () => {
    const { store, get } = testFeed({
      redact: ({ object, key }) => ({
        object: { ...(object as object), secret: '***' },
        ...(key && { key }),
      }),
    });
    const object = { id: 1, secret: 'password' };
    const context = { key: 'k', id: 'password', metadata: { token: 'password' } };
    await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object, ...context });
    const bodies = await Promise.all([
      get('/events').then((response) => response.text()),
      get('/events?live=false', SSE).then((response) => response.text()),
      get('/events', CLOUD_EVENTS).then((response) => response.text()),
      get('/stream').then((response) => response.text()),
    ]);
    for (const body of bodies) {
      expect(body).toContain('***');
      expect(body).toContain('"k"');
      expect(body).not.toContain('password');
    }
  });

  test('redact hides an event from the feed by returning undefined', async () => {
    const { store, get } = testFeed({ redact: (event) => (event.seqNum === 2 ? undefined : event) });
    await storeJobs(store, 3);
    expect(await seqNumsOf(await get('/events'))).toEqual([1, 3]);
    expect(await (await get('/stream')).json()).toHaveLength(2);
  });

  test.each<[string, FeedOptions['redact'], string]>([
    [
      'throws',
      () => {
        throw new Error('no such field');
      },
      'no such field',
    ],
    [
      'returns a Promise',
      (async () => undefined) as unknown as FeedOptions['redact'],
      'option redact of the feed must not return a Promise',
    ],
  ])(
    'a request to the feed fails with status 500 if redact %s, and the logger receives the message',
    async (_case, redact, message) => {
      const errors: string[] = [];
      const logger = { ...silent, error: (text: string) => void errors.push(text) };
      const { store, get } = testFeed({ redact }, { logger });
      await storeJobs(store, 1);
      const response = await get('/events');
      expect(await problemOf(response)).toMatchObject({ status: 500, title: 'Internal error' });
      expect(errors).toEqual([`feed: a response has failed: ${message}`]);
    },
  );
});

describe('a response of /events with server-sent events', () => {
  test('a server-sent event has the sequence number as id and the event as data', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 2);
    const response = await get('/events', SSE);
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      vary: 'accept',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    const reader = new SseReader(response);
    const [first, second] = await reader.take(2);
    expect(first?.id).toBe('1');
    expect(JSON.parse(first?.data ?? '')).toMatchObject({ seqNum: 1, objectType: 'Job', object: { id: 1 } });
    expect(second?.id).toBe('2');
  });

  test('a stream of server-sent events continues with new events until the store closes, without an event at the end', async () => {
    const { store, get } = testFeed();
    const reader = new SseReader(await get('/events', SSE));
    await storeJobs(store, 1);
    await reader.take(2);
    await store.close();
    expect(await reader.rest()).toEqual([]);
  });

  test('a stream of server-sent events from the latest position begins with the id of the last event', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 3);
    const reader = new SseReader(await get('/events?from=latest', SSE));
    expect(await reader.next()).toEqual({ id: '3' });
  });

  test('a stream of server-sent events resumes after Last-Event-ID, which has priority over the query', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 4);
    const reader = new SseReader(await get('/events?from=1', { ...SSE, 'last-event-id': '2' }));
    expect((await reader.take(2)).map(({ id }) => id)).toEqual(['3', '4']);
  });

  test.each([
    ['x', 400, 'Last-Event-ID must be a sequence number.'],
    ['9', 400, 'Last-Event-ID must be at most 5, because the last event is 5.'],
    ['2', 410, 'The log no longer holds the event at position 2. Its oldest event is 4.'],
  ])('a request with Last-Event-ID: %s is refused with status %i', async (id, status, detail) => {
    const { store, get } = testFeed({}, { retention: { maxEvents: 2 } });
    await storeJobs(store, 5);
    await store.collectGarbage();
    const response = await get('/events', { ...SSE, 'last-event-id': id });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ detail });
  });

  test('a stream of server-sent events ends after the limit', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 2);
    const reader = new SseReader(await get('/events?limit=3', SSE));
    await storeJobs(store, 2);
    expect((await reader.rest()).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  test('a stream of server-sent events with live=false ends after the stored events, and an EventSource that reconnects gets status 204', async () => {
    const { store, get } = testFeed();
    await storeJobs(store, 2);
    const reader = new SseReader(await get('/events?live=false', SSE));
    expect((await reader.rest()).map(({ id }) => id)).toEqual(['1', '2']);
    const next = await get('/events?live=false', { ...SSE, 'last-event-id': '2' });
    expect(next.status).toBe(204);
  });

  test('a stream of server-sent events contains a comment at each heartbeat while there is no event', async () => {
    const { store, get } = testFeed({ heartbeatInterval: 15 });
    await storeJobs(store, 1);
    const reader = new SseReader(await get('/events', SSE));
    await reader.next();
    expect(await reader.take(3)).toEqual([{ comment: '' }, { comment: '' }, { comment: '' }]);
    await storeJobs(store, 1);
    for (let event = await reader.next(); event?.id !== '2'; event = await reader.next()) {
      expect(event).toEqual({ comment: '' });
    }
    await reader.cancel();
  });

  test('a heartbeat of /events contains the sequence number of the last excluded event as id', async () => {
    const { store, get } = testFeed({ heartbeatInterval: 15 });
    const reader = new SseReader(await get('/events?type=User', SSE));
    await reader.next();
    await storeJobs(store, 7);
    let event = await reader.next();
    while (event?.id === undefined) event = await reader.next();
    expect(event.id).toBe('7');
    await reader.cancel();
  });

  test('a stream of server-sent events ends with an error event if the next events are deleted while the client does not read', async () => {
    const { store, get } = testFeed({}, { retention: { maxEvents: 100 } });
    await storeJobs(store, 700);
    const reader = new SseReader(await get('/events', SSE));
    await reader.next();
    await store.collectGarbage();
    const events = await reader.rest();
    const { event, data } = events.at(-1) ?? {};
    expect(event).toBe('error');
    expect(JSON.parse(data ?? '')).toMatchObject({
      status: 410,
      code: 'ERR_SEQUENCE_TRIMMED',
      oldestSeqNum: 601,
    });
  });
});

describe('a feed', () => {
  test.each(['/events', '/a/b/events', '/stream', '/a/stream'])(
    'a feed answers the request %s',
    async (path) => {
      const { get } = testFeed();
      expect((await get(path)).status).toBe(200);
    },
  );

  test.each(['/', '/events/', '/events/1', '/eventsx', '/a'])(
    'a feed does not answer the request %s',
    async (path) => {
      const { get } = testFeed();
      expect((await get(path)).status).toBe(404);
    },
  );

  test.each([{}, SSE, CLOUD_EVENTS])(
    'a feed answers HEAD with the status and the headers of GET, for the request headers %j',
    async (headers) => {
      const { store, get } = testFeed();
      await storeJobs(store, 1);
      const [head, whole] = await Promise.all([get('/events', headers, 'HEAD'), get('/events', headers)]);
      expect(head.status).toBe(200);
      expect([...head.headers]).toEqual([...whole.headers]);
      expect(await head.text()).toBe('');
      await whole.body?.cancel();
    },
  );

  test('a feed answers HEAD for an invalid query with the status of the error', async () => {
    const { get } = testFeed();
    expect((await get('/events?from=x', {}, 'HEAD')).status).toBe(400);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('a feed refuses %s with status 405', async (method) => {
    const { get } = testFeed();
    const response = await get('/events', {}, method);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('a feed answers OPTIONS with the allowed methods', async () => {
    const { get } = testFeed();
    const response = await get('/stream', {}, 'OPTIONS');
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  test('a feed answers with status 503 after the store is closed', async () => {
    const { store, get } = testFeed();
    await store.close();
    for (const path of ['/events', '/stream']) {
      const response = await get(path);
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('5');
      expect(await response.json()).toMatchObject({ code: 'ERR_STORE_CLOSED' });
    }
  });
});
