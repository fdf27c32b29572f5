import { asyncScheduler } from 'rxjs';
import { createManager, type EventStore } from '../../../index.ts';
import { grant, leaseOf } from '../support/held-lease.ts';
import { ManualHandler } from '../support/manual-handler.ts';
import { span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, openJobs, passed, statsIn } from '../support/watched.ts';

/** Starts watcher `w` with a lease in a new manager. The test ends its attempts. */
function startLeased(store: EventStore, owner: string) {
  const byHand = new ManualHandler();
  const manager = createManager(store, { lease: { owner } });
  const watcher = manager.create('w', { handler: byHand.handler, autoStart: true });
  return { byHand, manager, watcher };
}

/**
 * Declares the tests of watchers that share an id by a lease. Their clock is constant, so no lease can expire during a
 * test.
 */
export const describeWatchingUnderLease = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher with a lease', () => {
    const openSecond = (store: EventStore) => (supports.sharing ? open() : store);

    test('a watcher with a lease runs alone, and a standby watcher continues immediately after a stop', async () => {
      const store = await openJobs(open, 4);
      const first = startLeased(store, 'first');
      await first.byHand.finishAttempts(1);
      const { finish } = await first.byHand.attempt(2);
      const second = startLeased(await openSecond(store), 'second');
      await statsIn(second.watcher, 'standby');

      const stopped = first.watcher.stop();
      finish();
      await stopped;
      await second.byHand.finishAttempts(1, 2);

      expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(await leaseOf(store)).toMatchObject({ owner: 'second', token: 2 });
      await second.manager.stop();
      expect(await checkpointOf(store)).toBe(4);
    });

    test('a watcher stores nothing after it has lost its lease, and returns to state standby', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = startLeased(store, 'first');
      const { finish } = await byHand.attempt(1);
      await grant(await openSecond(store), { owner: 'second', token: 2 });

      finish();
      const { lastError } = await statsIn(watcher, 'standby');

      expect(lastError).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
      expect(await checkpointOf(store)).toBe(0);
      // The engine can reject the checkpoint asynchronously, so event 2 can be delivered before the rejection. Both results
      // are correct.
      expect(span(1, 2).slice(0, byHand.seqNums.length)).toEqual(byHand.seqNums);
      await watcher.stop();
    });

    test('a watcher keeps its lease even if a handler blocks the event loop for longer than the lease duration', async () => {
      const store = await openJobs(open, 2);
      const seqNums: number[] = [];
      const manager = createManager(store, { lease: { duration: 900 } });
      const watcher = manager.create('w', {
        scheduler: asyncScheduler,
        handler({ seqNum }) {
          seqNums.push(seqNum);
          const end = performance.now() + 1000;
          while (performance.now() < end);
        },
        autoStart: true,
      });

      await passed(watcher, 2);

      expect(seqNums).toEqual([1, 2]);
      expect(await leaseOf(store)).toMatchObject({ token: 1 });
      await watcher.stop();
    });

    test('a watcher that waits for events releases its lease when its store is closed', async () => {
      if (!supports.reopen) return;
      const store = await openJobs(open, 1);
      const { byHand, watcher } = startLeased(store, 'first');
      await byHand.finishAttempts(1);
      await passed(watcher, 1);
      expect(await checkpointOf(store)).toBe(1);

      await store.close();

      expect(await leaseOf(await open())).not.toMatchObject({ owner: 'first' });
    });
  });
