import fc from 'fast-check';
import {
  DeserializationError,
  type EventStore,
  type Logger,
  type Operation,
  SequenceTrimmedError,
  type StoreEventRequest,
} from 'rx-watcher';
import type { EventPage, EventRow, InspectorOptions } from 'rx-watcher/inspector';
import { createMemoryStore } from 'rx-watcher/memory';
import { asyncScheduler, defer, throwError, VirtualTimeScheduler } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { onEachEngine } from '../support/each-engine.ts';
import { nextTurn } from '../support/next-turn.ts';
import { silent } from '../support/silent-logger.ts';
import { undecodableStore } from '../support/watcher/log-stores.ts';
import { inspect, type Json } from './inspect.ts';

const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE'];

/** Returns the request of event `n`. The object type is `Order` for every tenth event, and `Job` for all others. */
const numbered = (n: number): StoreEventRequest => ({
  operation: OPERATIONS[n % 3] as Operation,
  objectType: n % 10 === 0 ? 'Order' : 'Job',
  object: { n },
  ...(n % 2 === 0 && { key: `k${n % 4}` }),
});

const fill = (store: EventStore, count: number) =>
  store.storeEvents(Array.from({ length: count }, (_, index) => numbered(index + 1)));

const seqNumsOf = ({ events }: Pick<EventPage, 'events'>): readonly number[] =>
  events.map(({ seqNum }) => seqNum);

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

onEachEngine((open) => {
  describe('a page of events of the inspector', () => {
    it('GET api/events without a position returns the last events of the log', async () => {
      const store = await open();
      await fill(store, 120);
      const { body } = await inspect({ store }).get('api/events');
      expect(seqNumsOf(body)).toEqual(range(71, 120));
      expect(body).toMatchObject({ first: 71, last: 120, previous: 71, next: null, oldest: 1, latest: 120 });
    });

    it.each([
      ['from=5&limit=3', { seqNums: [5, 6, 7], first: 5, last: 7, previous: 5, next: 8 }],
      ['from=29', { seqNums: [29, 30], first: 29, last: 30, previous: 29, next: null }],
      ['from=1&limit=1', { seqNums: [1], first: 1, last: 1, previous: null, next: 2 }],
      ['from=99', { seqNums: [], first: 31, last: 30, previous: 31, next: null }],
      ['before=5&limit=2', { seqNums: [3, 4], first: 3, last: 4, previous: 3, next: 5 }],
      ['before=3', { seqNums: [1, 2], first: 1, last: 2, previous: null, next: 3 }],
      ['before=1', { seqNums: [], first: 1, last: 0, previous: null, next: 1 }],
      ['before=99&limit=1', { seqNums: [30], first: 30, last: 30, previous: 30, next: null }],
      ['type=Order&limit=2', { seqNums: [20, 30], first: 20, last: 30, previous: 20, next: null }],
      ['type=Order&from=11&limit=1', { seqNums: [20], first: 11, last: 20, previous: 11, next: 21 }],
      ['operation=DELETE&from=1&limit=2', { seqNums: [2, 5], first: 1, last: 5, previous: null, next: 6 }],
      ['key=k0&key=k2&from=1&limit=3', { seqNums: [2, 4, 6], first: 1, last: 6, previous: null, next: 7 }],
      ['type=Invoice', { seqNums: [], first: 1, last: 30, previous: null, next: null }],
    ])(
      'GET api/events with the query %s returns the expected events and positions',
      async (query, { seqNums, ...positions }) => {
        const store = await open();
        await fill(store, 30);
        const { status, body } = await inspect({ store }).get(`api/events?${query}`);
        expect({ status, seqNums: seqNumsOf(body) }).toEqual({ status: 200, seqNums });
        expect(body).toMatchObject(positions);
      },
    );

    it('GET api/events of an empty log returns an empty page', async () => {
      const { body } = await inspect({ store: await open() }).get('api/events');
      expect(body).toEqual({
        events: [],
        first: 1,
        last: 0,
        previous: null,
        next: null,
        oldest: 1,
        latest: 0,
      });
    });

    it('GET api/events begins with the oldest event if the requested event was trimmed', async () => {
      const store = await open({ retention: { maxEvents: 10 }, gcAgeThreshold: 0 });
      await fill(store, 30);
      await store.collectGarbage();
      const { body } = await inspect({ store }).get('api/events?from=1&limit=2');
      expect(body).toMatchObject({ first: body.oldest, previous: null });
      expect(body.oldest).toBeGreaterThan(1);
    });

    it('GET api/events shows the context of an event and the beginning of its object', async () => {
      const store = await open();
      const text = 'x'.repeat(500);
      await store.storeEvents([
        {
          operation: 'CREATE',
          objectType: 'Job',
          object: { n: 1 },
          key: 'k',
          id: 'i',
          metadata: { user: 'ann' },
        },
        { operation: 'DELETE', objectType: 'Job', object: text },
      ]);
      const { body } = await inspect({ store }).get('api/events');
      const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(body.events).toEqual([
        {
          seqNum: 1,
          timestamp,
          operation: 'CREATE',
          objectType: 'Job',
          key: 'k',
          id: 'i',
          preview: '{"n":1}',
        },
        {
          seqNum: 2,
          timestamp,
          operation: 'DELETE',
          objectType: 'Job',
          preview: JSON.stringify(text).slice(0, 200),
        },
      ]);
    });

    it('successive pages of GET api/events contain each matching event once, in both directions', async () => {
      const store = await open();
      await fill(store, 200);
      const all = range(1, 200).map(numbered);
      const client = inspect({ store });
      const walk = async (query: URLSearchParams, direction: 'next' | 'previous') => {
        const pages: number[][] = [];
        let cursor: number | null = direction === 'next' ? 1 : 201;
        for (; cursor !== null && pages.length < 500; ) {
          query.set(direction === 'next' ? 'from' : 'before', String(cursor));
          const { body }: Json = await client.get(`api/events?${query}`);
          pages.push([...seqNumsOf(body)]);
          cursor = body[direction];
        }
        return (direction === 'next' ? pages : pages.reverse()).flat();
      };
      const filters = fc.record(
        {
          type: fc.constantFrom('Order', 'Job', 'Invoice'),
          operation: fc.constantFrom(...OPERATIONS),
          key: fc.constantFrom('k0', 'k2'),
          limit: fc.integer({ min: 1, max: 70 }),
        },
        { requiredKeys: ['limit'] },
      );
      await fc.assert(
        fc.asyncProperty(
          filters,
          fc.constantFrom('next' as const, 'previous' as const),
          async (given, direction) => {
            const query = new URLSearchParams(
              Object.entries(given).map(([name, value]): [string, string] => [name, String(value)]),
            );
            const expected = all.flatMap(({ objectType, operation, key }, index) => {
              const { type = objectType, operation: wanted = operation, key: wantedKey = key } = given;
              return type === objectType && wanted === operation && wantedKey === key ? [index + 1] : [];
            });
            expect(await walk(query, direction)).toEqual(expected);
          },
        ),
        { numRuns: 40 },
      );
    });
  });
});

describe('a page of events of the inspector', () => {
  it('GET api/events returns only the events between two dates', async () => {
    const scheduler = new VirtualTimeScheduler();
    const store = createMemoryStore({ scheduler });
    for (let hour = 0; hour < 5; hour++) {
      scheduler.frame = hour * 3_600_000;
      await store.storeEvent(numbered(hour + 1));
    }
    const client = inspect({ store });
    const at = (hour: number) => new Date(hour * 3_600_000).toISOString();
    const page = async (query: string) => (await client.get(`api/events?${query}`)).body;
    expect(seqNumsOf(await page(`since=${at(1)}&until=${at(3)}`))).toEqual([2, 3]);
    expect(await page(`since=${at(1)}&limit=9`)).toMatchObject({
      first: 2,
      last: 5,
      previous: null,
      next: null,
    });
    expect(await page(`until=${at(3)}&limit=1`)).toMatchObject({
      first: 3,
      last: 3,
      previous: 3,
      next: null,
    });
    expect(await page(`since=${at(1)}&from=1&limit=1`)).toMatchObject({
      first: 2,
      last: 2,
      previous: null,
      next: 3,
    });
    expect(await page(`since=${at(9)}`)).toMatchObject({ events: [], first: 6, last: 5 });
  });

  it('GET api/events stops after 50,000 events without a match, and returns the position at which the search can continue', async () => {
    const store = createMemoryStore();
    await store.storeEvent({ operation: 'CREATE', objectType: 'Rare', object: 1 });
    for (let part = 0; part < 12; part++) await fill(store, 5000);
    const client = inspect({ store });
    const { body } = await client.get('api/events?type=Rare');
    expect(body).toMatchObject({ events: [], first: 10_002, last: 60_001, previous: 10_002, next: null });
    const next = await client.get(`api/events?type=Rare&before=${body.previous}`);
    expect(next.body).toMatchObject({ events: [{ seqNum: 1 }], first: 1, last: 10_001, previous: null });
    const forwards = await client.get('api/events?type=Order&operation=CREATE&key=k1&from=1');
    expect(forwards.body).toMatchObject({ events: [], first: 1, last: 50_000, previous: null, next: 50_001 });
  });

  /** Creates a client of a store with 5 events. The first `times` reads of the store fail. */
  async function failing(
    times: number,
    error: Error,
    options: Omit<InspectorOptions, 'store'> = {},
    logger: Logger = silent,
  ) {
    const store = createMemoryStore({ logger });
    await fill(store, 5);
    let reads = 0;
    const getEvents: EventStore['getEvents'] = (request) =>
      defer(() => (++reads > times ? store.getEvents(request) : throwError(() => error)));
    const headers: EventStore['headers'] = () => throwError(() => error);
    return inspect({ store: { ...store, getEvents, headers }, ...options });
  }

  it('GET api/events searches a large log in several turns of the event loop, and ends when the client closes the connection', async () => {
    const store = createMemoryStore();
    await fill(store, 30_000);
    let reads = 0;
    const getEvents: EventStore['getEvents'] = (request) =>
      defer(() => {
        reads++;
        return store.getEvents(request);
      });
    const client = inspect({ store: { ...store, getEvents } });
    await client.get('api/events?type=Invoice');
    const all = reads;
    reads = 0;
    const controller = new AbortController();
    const answered = client.get('api/events?type=Invoice', { signal: controller.signal });
    await nextTurn();
    controller.abort();
    await answered;
    expect(reads).toBeGreaterThan(0);
    expect(reads).toBeLessThan(all);
  });

  it('GET api/events reads a page again if events are trimmed during the request', async () => {
    const client = await failing(1, new SequenceTrimmedError(1, 2));
    const { status, body } = await client.get('api/events');
    expect({ status, seqNums: seqNumsOf(body) }).toEqual({ status: 200, seqNums: [1, 2, 3, 4, 5] });
  });

  it('GET api/events answers with status 410 if events are trimmed during each of four reads', async () => {
    const trimmed = new SequenceTrimmedError(1, 2);
    expect((await (await failing(3, trimmed)).get('api/events')).status).toBe(200);
    const { status, body } = await (await failing(4, trimmed)).get('api/events');
    expect({ status, code: body.code }).toEqual({ status: 410, code: 'ERR_SEQUENCE_TRIMMED' });
  });

  it('GET api/events answers with the error of an event that is damaged, unless the inspector redacts', async () => {
    const damaged = new DeserializationError([{ path: '', message: 'the checksum of card 4111 differs' }], {
      seqNum: 3,
    });
    const shown = await (await failing(9, damaged)).get('api/events');
    expect(shown).toMatchObject({
      status: 500,
      body: { code: 'ERR_DESERIALIZATION', detail: 'cannot read event 3: the checksum of card 4111 differs' },
    });
    const hidden = await (await failing(9, damaged, { redact: () => undefined })).get('api/events');
    expect(hidden).toMatchObject({
      status: 500,
      body: {
        code: 'ERR_DESERIALIZATION',
        detail: 'The inspector cannot read event 3; its error is hidden.',
      },
    });
  });

  it('GET api/events answers with status 500 if a read fails unexpectedly, and only the logger receives the error', async () => {
    const error = vi.fn();
    const client = await failing(9, new TypeError('card 4111'), {}, { ...silent, error });
    const { status, body } = await client.get('api/events');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('4111');
    expect(error.mock.calls).toEqual([['inspector: a response has failed: card 4111']]);
  });

  /** Returns the preview of the only event of a log, if `redact` returns this object. */
  async function previewOf(object: unknown): Promise<string | undefined> {
    const store = createMemoryStore();
    await fill(store, 1);
    const { body } = await inspect({ store, redact: () => ({ object }) }).get('api/events');
    return body.events[0].preview;
  }

  it('GET api/events shows the first 200 characters of the object as JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 5 }), async (object) => {
        expect(await previewOf(object)).toBe(JSON.stringify(object).slice(0, 200));
      }),
    );
  });

  it.each([
    ['a long string', 'x'.repeat(300), `"${'x'.repeat(199)}`],
    ['many bytes', Buffer.alloc(300, 'a'), `"${'YWFh'.repeat(50)}`.slice(0, 200)],
    ['an object with many bytes', { a: Buffer.alloc(300, 'a') }, `{"a":"${'YWFh'.repeat(50)}`.slice(0, 200)],
    [
      'a big integer and a date',
      [2n ** 60n, new Date(0)],
      '["1152921504606846976","1970-01-01T00:00:00.000Z"]',
    ],
    ['a long array', Array(300).fill(0), `[${'0,'.repeat(100)}`.slice(0, 200)],
  ])('GET api/events shows the first 200 characters of %s', async (_case, object, expected) => {
    expect(await previewOf(object)).toBe(expected);
  });

  it('GET api/events does not convert the parts of a large object that the preview does not show', async () => {
    let conversions = 0;
    const part = { toJSON: () => ++conversions };
    const parts = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, part]));
    await previewOf({ list: Array(1000).fill(part), parts, after: Array(1000).fill(parts) });
    expect(conversions).toBeLessThanOrEqual(1000);
  });

  it('GET api/events shows the header of an event with an object that cannot be decoded', async () => {
    const store = undecodableStore(asyncScheduler, 'Job', 'Bad', 'Job');
    const { body } = await inspect({ store }).get('api/events');
    const rows: readonly EventRow[] = body.events;
    expect(rows.map(({ seqNum, problem, preview }) => ({ seqNum, problem, preview }))).toEqual([
      { seqNum: 1, problem: undefined, preview: '{"index":0}' },
      { seqNum: 2, problem: 'undecodable', preview: undefined },
      { seqNum: 3, problem: undefined, preview: '{"index":2}' },
    ]);
  });

  it.each([
    ['from=x', /^from must be a whole number from 0\.$/],
    ['limit=0', /^limit must be a whole number from 1\.$/],
    ['limit=501', /^limit must be a whole number from 1 to 500\.$/],
    ['limit=1&limit=2', /^limit must not be repeated/],
    ['from=1&before=2', /^before must not be combined with from/],
    ['since=yesterday', /^since must be a date with a time zone/],
    ['until=2026-01-31T12:00', /^until must be a date with a time zone/],
    ['since=2026-13-31T12:00:00Z', /^since must/],
    ['type=', /^type must be a string/],
    ['operation=REMOVE', /^operation must be one of CREATE, UPDATE, DELETE/],
    ['key=', /^key must be a well-formed string/],
    ['typ=Job', /^typ is not a known parameter; did you mean 'type'/],
    ['colour=red', /^colour is not a known parameter; the parameters of this resource are from, before/],
  ])('GET api/events rejects the query %s with status 400', async (query, detail) => {
    const { status, body } = await inspect({ store: createMemoryStore() }).get(`api/events?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'ERR_INVALID_PARAMETER' });
    expect(body.detail).toMatch(detail);
  });
});
