import { hostname } from 'node:os';
import { firstValueFrom } from 'rxjs';
import {
  createManager,
  type EventStore,
  latest,
  type ManagerReport,
  type WatcherReport,
  watch,
} from '../../../../index.ts';
import { deadLetter } from '../../support/dead-letters.ts';
import { ManualHandler } from '../../support/manual-handler.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';
import { statsIn } from '../../support/watched.ts';

const INTERVAL = 1000;

/** Resolves to the watchers of a store when all pending writes have ended. */
async function watchersOf(store: EventStore): Promise<readonly WatcherReport[]> {
  // Writes take effect in the order of the calls. When these writes have ended, all earlier writes have ended, too. The
  // deletion of a missing checkpoint would not write.
  await store.storeCheckpoint('other', 0);
  await store.deleteCheckpoint('other');
  return firstValueFrom(store.watchers());
}

/** Stores the report of a manager of another process. */
const storeReport = (store: EventStore, managerId: string, report: Partial<ManagerReport>) =>
  store.internals.reports?.store(managerId, {
    host: 'elsewhere',
    pid: 1,
    interval: INTERVAL,
    reportedAt: 0,
    watchers: [{ id: 'w', state: 'running' }],
    ...report,
  });

export const describeWatcherReports = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the method watchers of a store', () => {
    const openReporting = async () => {
      const clock = new VirtualClock();
      const store = await open({ scheduler: clock });
      await store.storeEvents(span(1, 3).map(created));
      const manager = createManager(store, { reportInterval: INTERVAL });
      const byHand = new ManualHandler();
      /** Moves the clock until a changed state is reported, which takes at most 100 ms, and reads the watchers. */
      const seen = () => {
        clock.advanceBy(100);
        return watchersOf(store);
      };
      return { clock, store, manager, byHand, seen };
    };
    /** Starts watcher `w`. Resolves to the watcher and its first attempt, which is in flight. */
    const startWatcher = async ({ manager, byHand }: Awaited<ReturnType<typeof openReporting>>) => {
      const watcher = manager.create('w', { handler: byHand.handler, autoStart: true });
      const attempt = await byHand.attempt(1);
      return { watcher, attempt };
    };

    test('store.watchers() emits a watcher with its process, state, checkpoint, lag and lag time', async () => {
      const reporting = await openReporting();
      reporting.clock.advanceBy(500);
      const { attempt } = await startWatcher(reporting);

      const [first, ...others] = await reporting.seen();

      expect(others).toEqual([]);
      expect(first).toStrictEqual({
        id: 'w',
        state: 'running',
        owner: { host: hostname(), pid: process.pid },
        checkpoint: 0,
        lag: 3,
        lagTime: 600,
        ...(supports.deadLetters && { deadLetters: 0 }),
        reportedAt: first?.reportedAt,
        stale: false,
      });
      expect(first?.reportedAt?.getTime()).toBeGreaterThanOrEqual(500);
      attempt.finish();
      await reporting.byHand.attempt(2);
      expect(await reporting.seen()).toMatchObject([{ id: 'w', checkpoint: 1, lag: 2 }]);
    });

    test('store.watchers() emits each new state of a watcher after the manager has written a report', async () => {
      const reporting = await openReporting();
      const { seen, manager, byHand } = reporting;
      const watcher = manager.create('w', { handler: byHand.handler });
      expect(await seen()).toMatchObject([{ state: 'idle' }]);
      watcher.start();
      const attempt = await byHand.attempt(1);
      expect(await seen()).toMatchObject([{ state: 'running' }]);
      watcher.pause();
      expect(await seen()).toMatchObject([{ state: 'paused', lag: 3 }]);
      const stopped = watcher.stop();
      expect(await seen()).toMatchObject([{ state: 'stopping' }]);

      attempt.finish();
      await stopped;

      expect(await seen()).toMatchObject([{ state: 'stopped', checkpoint: 1, lag: 2, lagTime: 500 }]);
    });

    test('store.watchers() emits no lag for a watcher that will start at the end of the log', async () => {
      const { seen, manager } = await openReporting();
      manager.create('w', { handler: () => undefined, initialEventIterator: latest() });

      expect(await seen()).toMatchObject([{ state: 'idle', lag: 0, lagTime: 0 }]);
    });

    test('store.watchers() emits the error of a watcher that has failed, without the stack of the error', async () => {
      const { seen, manager } = await openReporting();
      const handler = () => {
        throw new RangeError('no such job');
      };
      const watcher = manager.create('w', { handler, retryStrategy: 'stop', maxRetries: 0, autoStart: true });
      await statsIn(watcher, 'failed');

      const [failed] = await seen();

      expect(failed?.state).toBe('failed');
      expect(failed?.lastError?.message).toContain('no such job');
      expect(Object.keys(failed?.lastError ?? {})).not.toContain('stack');
    });

    test('store.watchers() emits the lag of an ephemeral watcher', async () => {
      const { clock, seen, manager, byHand } = await openReporting();
      manager.create('w', { handler: byHand.handler, ephemeral: true, autoStart: true });
      await byHand.finishAttempts(1, 2);
      await byHand.attempt(3);
      clock.advanceBy(INTERVAL);

      const [watcher] = await seen();

      expect(watcher).toMatchObject({ lag: 1 });
      expect('checkpoint' in (watcher as object)).toBe(false);
    });

    test('store.watchers() emits a watcher as not stale while its manager writes reports, even if nothing changes', async () => {
      const reporting = await openReporting();
      await startWatcher(reporting);
      const times = new Set<number | undefined>();
      for (const _ of span(1, 12)) {
        reporting.clock.advanceBy(INTERVAL);
        const [watcher] = await watchersOf(reporting.store);
        expect(watcher).toMatchObject({ state: 'running', stale: false });
        times.add(watcher?.reportedAt?.getTime());
      }

      expect(times.size).toBeGreaterThan(3);
      expect(times.size).toBeLessThan(9);
    });

    test('store.watchers() emits a watcher as stale if its report is older than three intervals', async () => {
      const { clock, store } = await openReporting();
      await storeReport(store, 'a', {});
      clock.set(3 * INTERVAL);
      expect(await watchersOf(store)).toMatchObject([{ owner: { host: 'elsewhere', pid: 1 }, stale: false }]);

      clock.set(3 * INTERVAL + 1);

      expect(await watchersOf(store)).toMatchObject([{ id: 'w', state: 'running', stale: true }]);
    });

    test('store.watchers() emits no watcher that was removed', async () => {
      const { seen, manager } = await openReporting();
      const first = manager.create('v', { handler: () => undefined });
      manager.create('w', { handler: () => undefined });
      await first.stop();
      expect((await seen()).map(({ id }) => id)).toEqual(['v', 'w']);

      await manager.remove('v');
      expect((await seen()).map(({ id }) => id)).toEqual(['w']);
      await manager.remove('w');

      expect(await seen()).toEqual([]);
    });

    test('store.watchers() emits only the checkpoint of a watcher after its manager has stopped, until the watcher is started again', async () => {
      const reporting = await openReporting();
      const { manager, seen, byHand } = reporting;
      const { watcher, attempt } = await startWatcher(reporting);
      expect(await seen()).toMatchObject([{ state: 'running' }]);
      const stopped = manager.stop();
      attempt.finish();
      await stopped;

      const [unknown] = await seen();
      expect(unknown).toMatchObject({ id: 'w', state: 'unknown', checkpoint: 1, lag: 2, stale: false });
      expect(Object.keys(unknown as object)).not.toContain('owner');
      watcher.start();
      await byHand.attempt(2);

      expect(await seen()).toMatchObject([{ state: 'running' }]);
    });

    test('store.watchers() emits the checkpoint and the state unknown for a watcher without a manager', async () => {
      const { seen, store, byHand } = await openReporting();
      const run = watch(store, 'w', { handler: byHand.handler }).subscribe();
      await byHand.finishAttempts(1);
      await byHand.attempt(2);

      expect(await seen()).toMatchObject([{ id: 'w', state: 'unknown', checkpoint: 1, lag: 2 }]);
      run.unsubscribe();
    });

    test('store.watchers() emits the watchers in order of id and process, with any characters in an id', async () => {
      const { seen, store, manager } = await openReporting();
      for (const id of oddIds) manager.create(id, { handler: () => undefined });
      await storeReport(store, 'a', { host: 'host', pid: 20, watchers: [{ id: 'x', state: 'standby' }] });
      await storeReport(store, 'b', { host: 'host', pid: 3, watchers: [{ id: 'x', state: 'running' }] });

      const watchers = await seen();

      expect(watchers.map(({ id }) => id).sort()).toEqual([...oddIds, 'x', 'x'].sort());
      expect(watchers.filter(({ id }) => id === 'x')).toMatchObject([
        { owner: { pid: 3 } },
        { owner: { pid: 20 } },
      ]);
    });

    test('store.watchers() emits no stale report of a watcher that another manager also reports', async () => {
      const reporting = await openReporting();
      const { store, clock } = reporting;
      await storeReport(store, 'replaced', {});
      await storeReport(store, 'lost', { watchers: [{ id: 'lost', state: 'running' }] });
      clock.set(5 * INTERVAL);
      await startWatcher(reporting);

      clock.advanceBy(100);
      await watchersOf(store);

      const watchers = await watchersOf(store);
      expect(watchers).toMatchObject([
        { id: 'lost', owner: { host: 'elsewhere' }, stale: true },
        { id: 'w', owner: { host: hostname() }, stale: false },
      ]);
    });

    test('store.watchers() emits no report that has been stale for more than a day', async () => {
      const reporting = await openReporting();
      const { store, clock } = reporting;
      await storeReport(store, 'lost', { watchers: [{ id: 'lost', state: 'running' }] });
      clock.set(24 * 60 * 60 * 1000 + 1);
      await startWatcher(reporting);

      clock.advanceBy(100);
      await watchersOf(store);

      expect((await watchersOf(store)).map(({ id }) => id)).toEqual(['w']);
    });

    if (supports.deadLetters) {
      test('store.watchers() emits the number of dead letters of each watcher', async () => {
        const { store } = await openReporting();
        await store.storeDeadLetter(deadLetter(1, { watcherId: 'v' }), 1);
        await store.storeDeadLetter(deadLetter(1), 1);
        await store.storeDeadLetter(deadLetter(2), 2);

        expect(await watchersOf(store)).toMatchObject([
          { id: 'v', deadLetters: 1 },
          { id: 'w', deadLetters: 2 },
        ]);
      });
    }
    if (supports.sharing) {
      test('store.watchers() emits the watchers of each store that shares the log', async () => {
        const { clock, store, manager } = await openReporting();
        const other = await open({ scheduler: clock });
        manager.create('v', { handler: () => undefined });
        createManager(other, { reportInterval: INTERVAL }).create('w', { handler: () => undefined });
        clock.advanceBy(100);

        await watchersOf(store);
        expect((await watchersOf(other)).map(({ id }) => id)).toEqual(['v', 'w']);
        expect((await watchersOf(store)).map(({ id }) => id)).toEqual(['v', 'w']);
        await other.close();

        expect((await watchersOf(store)).map(({ id }) => id)).toEqual(['v']);
      });
    }
  });
