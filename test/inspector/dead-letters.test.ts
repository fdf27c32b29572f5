import { createManager, type EventStore, type Manager } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { onEachEngine } from '../support/each-engine.ts';
import { inspect, type Json } from './inspect.ts';

/** Error of each dead letter, and its cause. */
const errors = [
  {
    name: 'TypeError',
    message: 'no address',
    code: 'E_ADDRESS',
    stack: 'TypeError: no address\n    at send',
  },
  { name: 'Error', message: 'the cause' },
];

const time = new Date('2026-01-31T12:00:00Z');

const giveUp = (store: EventStore, watcherId: string, seqNum: number) =>
  store.storeDeadLetter({
    watcherId,
    seqNum,
    attempts: 3,
    firstTime: time,
    lastTime: new Date(time.getTime() + 1000),
    errors,
  });

async function fill(store: EventStore): Promise<void> {
  await store.storeEvents(
    [1, 2, 3].map((n) => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      object: { n },
      key: `k${n}`,
      metadata: { user: 'ann' },
    })),
  );
  for (const seqNum of [1, 2, 3]) await giveUp(store, 'mailer', seqNum);
  for (const seqNum of [2, 3]) await giveUp(store, 'a/b c?', seqNum);
}

const positionsOf = ({ deadLetters }: Json) =>
  deadLetters.map(({ seqNum, watcherId }: Json) => `${seqNum} ${watcherId}`);

onEachEngine((open) => {
  describe('GET api/dead-letters', () => {
    it('GET api/dead-letters shows the dead letters of all watchers, with the error of the last attempt', async () => {
      const store = await open();
      await fill(store);
      const { status, body } = await inspect({ store }).get('api/dead-letters');
      expect(status).toBe(200);
      expect(positionsOf(body)).toEqual(['1 mailer', '2 a/b c?', '2 mailer', '3 a/b c?', '3 mailer']);
      expect(body.next).toBeNull();
      expect(body.deadLetters[0]).toEqual({
        watcherId: 'mailer',
        seqNum: 1,
        attempts: 3,
        firstTime: '2026-01-31T12:00:00.000Z',
        lastTime: '2026-01-31T12:00:01.000Z',
        error: { name: 'TypeError', message: 'no address', code: 'E_ADDRESS' },
        objectType: 'Job',
        operation: 'CREATE',
        key: 'k1',
        actions: [],
      });
    });

    it.each([1, 2, 3, 4])(
      'GET api/dead-letters shows each dead letter once in pages of %i',
      async (limit) => {
        const store = await open();
        await fill(store);
        const client = inspect({ store });
        const shown: string[] = [];
        let after: string | null = '';
        for (let pages = 0; after !== null && pages < 9; pages++) {
          const query: URLSearchParams = new URLSearchParams({
            limit: String(limit),
            ...(after && { after }),
          });
          const { body } = await client.get(`api/dead-letters?${query}`);
          expect(body.deadLetters.length).toBeLessThanOrEqual(limit);
          shown.push(...positionsOf(body));
          after = body.next;
        }
        expect(shown).toEqual(['1 mailer', '2 a/b c?', '2 mailer', '3 a/b c?', '3 mailer']);
      },
    );

    it('GET api/dead-letters shows the dead letters of one watcher', async () => {
      const store = await open();
      await fill(store);
      const query = new URLSearchParams({ watcher: 'a/b c?', after: '2/a/b c?' });
      const { body } = await inspect({ store }).get(`api/dead-letters?${query}`);
      expect(positionsOf(body)).toEqual(['3 a/b c?']);
    });
  });

  describe('GET api/dead-letters/WATCHER/N', () => {
    it('GET api/dead-letters/WATCHER/N shows the error with its causes, and the event', async () => {
      const store = await open();
      await fill(store);
      const path = `api/dead-letters/${encodeURIComponent('a/b c?')}/3`;
      const { body } = await inspect({ store }).get(path);
      expect(body).toMatchObject({
        watcherId: 'a/b c?',
        seqNum: 3,
        errors,
        event: { seqNum: 3, object: { n: 3 }, key: 'k3', metadata: { user: 'ann' }, size: 7 },
      });
    });

    it('GET api/dead-letters/WATCHER/N answers with status 404 for a dead letter that does not exist', async () => {
      const store = await open();
      const { status, body } = await inspect({ store }).get('api/dead-letters/mailer/1');
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'ERR_NOT_FOUND' });
      expect(body.detail).toMatch(/^Watcher 'mailer' has no dead letter of event 1/);
    });
  });
});

describe('GET api/dead-letters', () => {
  it('GET api/dead-letters does not convert the objects of the events to JSON, because it does not show them', async () => {
    const store = createMemoryStore();
    await fill(store);
    let conversions = 0;
    const object = { toJSON: () => ++conversions };
    const { body } = await inspect({ store, redact: () => ({ object, key: 'k' }) }).get('api/dead-letters');
    expect(body.deadLetters[0].key).toBe('k');
    expect(conversions).toBe(0);
  });

  it('GET api/dead-letters reads the watchers of the manager once per request', async () => {
    const store = createMemoryStore();
    await fill(store);
    const manager = createManager(store);
    manager.create('mailer', { handler: () => EMPTY });
    let reads = 0;
    const watchers: Manager['watchers'] = () => {
      reads++;
      return manager.watchers();
    };
    const client = inspect({ store, manager: { ...manager, watchers }, readOnly: false });
    const { body } = await client.get('api/dead-letters?limit=3');
    expect(body.deadLetters).toMatchObject([
      { watcherId: 'mailer', actions: ['redrive', 'delete'] },
      { watcherId: 'a/b c?', actions: ['delete'] },
      { watcherId: 'mailer', actions: ['redrive', 'delete'] },
    ]);
    expect(reads).toBe(1);
    await manager.stop();
  });

  it.each([
    ['after=3', /^after must be the value of next/],
    ['limit=0', /^limit must be a whole number from 1/],
    ['watchers=a', /did you mean 'watcher'/],
  ])('GET api/dead-letters with the query %s answers with status 400', async (query, detail) => {
    const { status, body } = await inspect({ store: createMemoryStore() }).get(`api/dead-letters?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'ERR_INVALID_PARAMETER' });
    expect(body.detail).toMatch(detail);
  });
});
