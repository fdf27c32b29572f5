import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { createManager, type EventStore } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom, NEVER, Subject } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { onEachEngine } from '../support/each-engine.ts';
import { inspect } from './inspect.ts';

const isoDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const append = (store: EventStore, count = 1) =>
  store.storeEvents(
    Array.from({ length: count }, () => ({ operation: 'CREATE' as const, objectType: 'Job', object: {} })),
  );

/** Stores the report of a manager of another process. */
const reportFromElsewhere = (store: EventStore, host: string, state: 'running' | 'standby', age = 0) =>
  store.internals.reports?.store(host, {
    host,
    pid: 7,
    interval: 1000,
    reportedAt: Date.now() - age,
    watchers: [{ id: 'mailer', state, lastError: { name: 'RangeError', message: 'too far', code: 'E1' } }],
  });

onEachEngine((open) => {
  describe('GET api/overview', () => {
    it('GET api/overview of an empty store shows no timestamps and no watchers', async () => {
      const store = await open();
      const { status, body } = await inspect({ store }).get('api/overview');
      expect(status).toBe(200);
      expect(body).toEqual({
        engine: expect.stringMatching(/^(memory|lmdb)$/),
        oldestSeqNum: 1,
        latestSeqNum: 0,
        bytes: 0,
        ...(body.engine === 'lmdb' && { fileBytes: expect.any(Number) }),
        deadLetters: 0,
        watchers: {},
        worst: null,
        canAct: false,
        redacted: false,
        host: hostname(),
        pid: process.pid,
        version,
        now: isoDate,
      });
    });

    it('GET api/overview counts a watcher in several processes once, in its best state', async () => {
      const store = await open();
      await reportFromElsewhere(store, 'a', 'standby');
      await reportFromElsewhere(store, 'b', 'running');
      await store.storeCheckpoint('unreported', 0);
      const { body } = await inspect({ store }).get('api/overview');
      expect(body.watchers).toEqual({ running: 1, unknown: 1 });
    });

    it('GET api/overview counts a watcher as stale if all reports of the watcher are stale', async () => {
      const store = await open();
      await reportFromElsewhere(store, 'a', 'running', 60_000);
      const { body } = await inspect({ store }).get('api/overview');
      expect(body.watchers).toEqual({ stale: 1 });
    });

    it('GET api/overview names the watcher with the oldest unprocessed event', async () => {
      const store = await open();
      await append(store, 3);
      await store.storeCheckpoint('first', 2);
      await store.storeCheckpoint('last', 0);
      await store.storeCheckpoint('done', 3);
      const { body } = await inspect({ store }).get('api/overview');
      expect(body.worst).toEqual({ id: 'last', lag: 3, lagTime: expect.any(Number) });
      expect(body).toMatchObject({ oldestTimestamp: isoDate, latestTimestamp: isoDate, latestSeqNum: 3 });
    });
  });

  describe('GET api/watchers', () => {
    it('GET api/watchers shows the reports of other processes, without actions', async () => {
      const store = await open();
      await append(store, 5);
      await store.storeCheckpoint('mailer', 2);
      await reportFromElsewhere(store, 'a', 'running');
      const manager = createManager(store);
      const { body } = await inspect({ store, manager, readOnly: false }).get('api/watchers');
      expect(body).toEqual({
        now: isoDate,
        watchers: [
          {
            id: 'mailer',
            state: 'running',
            owner: { host: 'a', pid: 7 },
            checkpoint: 2,
            lag: 3,
            lagTime: expect.any(Number),
            deadLetters: 0,
            lastError: { name: 'RangeError', message: 'too far', code: 'E1' },
            reportedAt: isoDate,
            stale: false,
            local: false,
            actions: [],
          },
        ],
      });
    });

    it.each([10_000, 0])(
      'GET api/watchers shows the current state of a watcher of the manager, with reportInterval %i',
      async (reportInterval) => {
        const store = await open();
        await append(store, 2);
        const manager = createManager(store, { reportInterval });
        onTestFinished(() => manager.stop());
        const watcher = manager.create('w', { handler: () => undefined });
        const client = inspect({ store, manager, readOnly: false });
        const row = async () => (await client.get('api/watchers')).body.watchers;
        expect(await row()).toMatchObject([
          { id: 'w', state: 'idle', local: true, actions: ['start', 'stop', 'seek'] },
        ]);
        watcher.start();
        await firstValueFrom(watcher.whenProcessed(2));
        expect(await row()).toMatchObject([
          {
            state: 'running',
            owner: { host: hostname(), pid: process.pid },
            counts: { handled: 2, skipped: 0, retries: 0 },
            actions: ['pause', 'stop', 'seek'],
          },
        ]);
        watcher.pause();
        expect(await row()).toMatchObject([{ state: 'paused', actions: ['resume', 'stop', 'seek'] }]);
        await watcher.stop();
        expect(await row()).toMatchObject([{ state: 'stopped', actions: ['start', 'seek'] }]);
      },
    );

    it('GET api/watchers shows the partitions of a watcher of the manager', async () => {
      const store = await open();
      const manager = createManager(store);
      manager.create('w', { partitions: 4, handler: () => undefined });
      const { body } = await inspect({ store, manager }).get('api/watchers');
      expect(body.watchers).toMatchObject([{ id: 'w', partitions: { count: 4, owned: [0, 1, 2, 3] } }]);
    });

    it('GET api/watchers offers only stop for a watcher in standby, and no action for a stopping watcher', async () => {
      const store = await open();
      await append(store, 1);
      const manager = createManager(store, { lease: true });
      const other = createManager(store, { lease: true });
      const called = new Subject<void>();
      const watcher = manager.create('w', {
        handler: () => {
          called.next();
          return NEVER;
        },
      });
      const handling = firstValueFrom(called);
      watcher.start();
      await handling;
      const standby = other.create('w', { handler: () => undefined, autoStart: true });
      const states = async () => {
        const shown = await Promise.all(
          [manager, other].map((each) =>
            inspect({ store, manager: each, readOnly: false }).get('api/watchers'),
          ),
        );
        return shown.map(({ body }) => body.watchers[0]);
      };
      const [, waiting] = await states();
      expect(waiting).toMatchObject({ id: 'w', state: 'standby', actions: ['stop'] });
      await standby.stop();
      const stop = watcher.stop({ timeout: 60_000 });
      stop.catch(() => undefined);
      const [stopping] = await states();
      expect(stopping).toMatchObject({ state: 'stopping', actions: [] });
    });
  });

  it('GET api/leases shows the leases of watchers, partitions and members, ordered by id', async () => {
    const store = await open();
    for (const id of ['b', 'a', 'b [10/16]', 'b [9/16]', 'b [member 0]']) {
      await store.internals.leases?.store(id, id === 'a' ? { token: 9 } : { owner: 'host:1', token: 3 }, 0);
    }
    const { body } = await inspect({ store }).get('api/leases');
    const ofB = { watcherId: 'b', owner: 'host:1', token: 3 };
    expect(body.leases).toEqual([
      { id: 'a', watcherId: 'a', token: 9 },
      { id: 'b', ...ofB },
      { id: 'b [9/16]', ...ofB },
      { id: 'b [10/16]', ...ofB },
      { id: 'b [member 0]', ...ofB },
    ]);
  });
});

describe('the figures of an inspector with a closed store', () => {
  it.each(['api/overview', 'api/watchers', 'api/leases', 'api/events', 'api/events/1', 'api/dead-letters'])(
    'GET %s answers with status 503 after the store is closed',
    async (path) => {
      const store = createMemoryStore();
      await store.close();
      const { status, body } = await inspect({ store }).get(path);
      expect({ status, body }).toEqual({
        status: 503,
        body: {
          status: 503,
          title: 'Service Unavailable',
          detail: 'the store is closed',
          code: 'ERR_STORE_CLOSED',
        },
      });
    },
  );
});
