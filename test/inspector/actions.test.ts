import { type CreateWatcherOptions, createManager, type EventStore } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { onEachEngine } from '../support/each-engine.ts';
import { inspect } from './inspect.ts';

const append = (store: EventStore, count: number) =>
  store.storeEvents(
    Array.from({ length: count }, (_, index) => ({
      operation: 'CREATE' as const,
      objectType: 'Job',
      object: { n: index + 1 },
    })),
  );

/** Creates a manager with a watcher `w`, and an inspector that can act on it. */
function acting(store: EventStore, options: CreateWatcherOptions = { handler: () => undefined }) {
  const manager = createManager(store);
  onTestFinished(() => manager.stop());
  const watcher = manager.create('w', options);
  return { manager, watcher, client: inspect({ store, manager, readOnly: false }) };
}

onEachEngine((open) => {
  describe('POST api/watchers/ID', () => {
    it('POST api/watchers/ID starts, pauses, resumes and stops a watcher, and returns its state', async () => {
      const { client, watcher } = acting(await open());
      for (const [action, state] of [
        ['start', 'running'],
        ['pause', 'paused'],
        ['resume', 'running'],
        ['stop', 'stopped'],
      ] as const) {
        const { status, body } = await client.post(`api/watchers/w/${action}`);
        expect({ status, body }).toEqual({ status: 200, body: { id: 'w', state } });
        expect(watcher.stats().state).toBe(state);
      }
    });

    it('POST api/watchers/ID/seek moves a watcher to the position of the body', async () => {
      const store = await open();
      await append(store, 3);
      const handled: number[] = [];
      const { client, watcher } = acting(store, {
        handler: ({ seqNum }) => void handled.push(seqNum),
        autoStart: true,
      });
      await firstValueFrom(watcher.whenProcessed(3));
      const second = firstValueFrom(watcher.outcomes$);
      const iterator = { type: 'at_sequence_number', sequenceNumber: 2 };
      const { status } = await client.post('api/watchers/w/seek', { iterator });
      expect(status).toBe(200);
      await second;
      await firstValueFrom(watcher.whenProcessed(3));
      expect(handled).toEqual([1, 2, 3, 2, 3]);
    });

    it('POST api/watchers/ID finds a watcher by its percent-encoded id', async () => {
      const { client, manager } = acting(await open());
      const id = 'api/watchers/ü %?#&<';
      manager.create(id, { handler: () => undefined });
      const { body } = await client.post(`api/watchers/${encodeURIComponent(id)}/start`);
      expect(body).toEqual({ id, state: 'running' });
    });

    it.each([
      ['start of a running watcher', 'start', {}, 409, 'ERR_INVALID_STATE'],
      [
        'seek after the end of the log',
        'seek',
        { iterator: { type: 'after_sequence_number', sequenceNumber: 9 } },
        422,
        'ERR_CHECKPOINT',
      ],
      ['seek without an iterator', 'seek', {}, 422, 'ERR_INVALID_OPTIONS'],
      ['seek to a number instead of a position', 'seek', { iterator: 5 }, 422, 'ERR_INVALID_OPTIONS'],
      ['stop with an unknown member', 'stop', { timeout: 1 }, 422, 'ERR_INVALID_OPTIONS'],
      ['stop with an array', 'stop', [], 422, 'ERR_INVALID_OPTIONS'],
      ['pause with a body that is not JSON', 'pause', '{', 400, 'ERR_INVALID_BODY'],
      ['resume with an empty body', 'resume', '', 400, 'ERR_INVALID_BODY'],
    ] as const)('POST api/watchers/ID rejects a %s', async (_case, action, body, status, code) => {
      const { client, watcher } = acting(await open(), { handler: () => undefined, autoStart: true });
      await firstValueFrom(watcher.caughtUp$);
      const answer = await client.post(`api/watchers/w/${action}`, body);
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
      expect(watcher.stats().state).toBe('running');
    });

    it('POST api/watchers/ID rejects a watcher that the manager does not have', async () => {
      const store = await open();
      await store.storeCheckpoint('other', 0);
      const { client } = acting(store);
      const { status, body } = await client.post('api/watchers/other/start');
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'ERR_WATCHER_NOT_FOUND' });
    });

    it('POST api/watchers/ID rejects the start of a watcher without a handler', async () => {
      const { client } = acting(await open(), {});
      const { status, body } = await client.post('api/watchers/w/start');
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'ERR_NO_HANDLER' });
    });
  });

  describe('POST api/dead-letters', () => {
    /** Creates a watcher with dead letters of the events 1 to 3. Its handler fails for the numbers in `failing`. */
    async function withDeadLetters(failing: Set<number>) {
      const store = await open();
      await append(store, 3);
      const acted = acting(store, {
        handler: ({ seqNum }) => {
          if (failing.has(seqNum)) throw new RangeError(`no ${seqNum}`);
        },
        retryStrategy: 'deadLetter',
        maxRetries: 0,
        autoStart: true,
      });
      await firstValueFrom(acted.watcher.whenProcessed(3));
      const left = async () =>
        (await acted.client.get('api/dead-letters')).body.deadLetters.map(
          ({ seqNum }: { seqNum: number }) => seqNum,
        );
      return { ...acted, store, left };
    }

    it('POST api/dead-letters/ID/N/redrive redrives one dead letter', async () => {
      const failing = new Set([1, 2, 3]);
      const { client, left } = await withDeadLetters(failing);
      failing.clear();
      const { status, body } = await client.post('api/dead-letters/w/2/redrive');
      expect({ status, body }).toEqual({ status: 200, body: { removed: 1, failed: 0, failures: [] } });
      expect(await left()).toEqual([1, 3]);
    });

    it('POST api/dead-letters/ID/all/redrive redrives all dead letters of a watcher, and returns the errors', async () => {
      const failing = new Set([1, 2, 3]);
      const { client, left } = await withDeadLetters(failing);
      failing.delete(1);
      const { body } = await client.post('api/dead-letters/w/all/redrive');
      expect(body).toEqual({
        removed: 1,
        failed: 2,
        failures: [
          { seqNum: 2, error: { name: 'RangeError', message: 'no 2' } },
          { seqNum: 3, error: { name: 'RangeError', message: 'no 3' } },
        ],
      });
      expect(await left()).toEqual([2, 3]);
    });

    it('POST api/dead-letters/ID/N/delete deletes one dead letter, and all/delete deletes the others', async () => {
      const { client, left } = await withDeadLetters(new Set([1, 2, 3]));
      const one = await client.post('api/dead-letters/w/1/delete');
      expect(one.body).toEqual({ removed: 1, failed: 0, failures: [] });
      expect(await left()).toEqual([2, 3]);
      const all = await client.post('api/dead-letters/w/all/delete');
      expect(all.body).toEqual({ removed: 2, failed: 0, failures: [] });
      expect(await left()).toEqual([]);
    });

    it('the dead letters of a watcher of another process can be deleted, but not redriven', async () => {
      const { client, store } = await withDeadLetters(new Set([1]));
      const time = new Date();
      await store.storeDeadLetter({
        watcherId: 'other',
        seqNum: 2,
        attempts: 1,
        firstTime: time,
        lastTime: time,
        errors: [],
      });
      const { body } = await client.get('api/dead-letters');
      expect(body.deadLetters).toMatchObject([
        { watcherId: 'w', actions: ['redrive', 'delete'] },
        { watcherId: 'other', actions: ['delete'] },
      ]);
      const redrive = await client.post('api/dead-letters/other/2/redrive');
      expect(redrive.body.code).toBe('ERR_WATCHER_NOT_FOUND');
      const remove = await client.post('api/dead-letters/other/2/delete');
      expect(remove.body.removed).toBe(1);
    });

    it.each(['redrive', 'delete'])(
      'the %s of a dead letter that does not exist is answered with status 404',
      async (action) => {
        const { client } = await withDeadLetters(new Set());
        const { status, body } = await client.post(`api/dead-letters/w/2/${action}`);
        expect({ status, code: body.code }).toEqual({ status: 404, code: 'ERR_NOT_FOUND' });
      },
    );
  });
});

describe('an action of the inspector', () => {
  it.each(['%zz', ''])(
    'an action for the encoded watcher id "%s" is answered with status 404',
    async (id) => {
      const { client } = acting(createMemoryStore());
      expect((await client.post(`api/watchers/${id}/start`)).status).toBe(404);
    },
  );

  it('an action of the inspector rejects query parameters', async () => {
    const { client, watcher } = acting(createMemoryStore());
    const { status } = await client.post('api/watchers/w/start?force=1');
    expect({ status, state: watcher.stats().state }).toEqual({ status: 400, state: 'idle' });
  });
});
