import { asyncScheduler } from 'rxjs';
import { createManager, type EventStore } from '../../../index.ts';
import { ByHand } from '../support/by-hand.ts';
import { grant, leaseOf } from '../support/held-lease.ts';
import { span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, openJobs, passed, statsIn } from '../support/watched.ts';

/** Watcher `w` in a manager of its own, which shares it by a lease; it is started, and its attempts end by hand. */
function rival(store: EventStore, owner: string) {
  const byHand = new ByHand();
  const manager = createManager(store, { lease: { owner } });
  const watcher = manager.create('w', { handler: byHand.handler, autoStart: true });
  return { byHand, manager, watcher };
}

/** Watchers that share an id by a lease, on a clock that stands still: what happens is told, not waited for. */
export const describeWatchingUnderLease = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher under a lease', () => {
    const another = (store: EventStore) => (supports.sharing ? open() : store);

    test('runs while others stand by, and one of these goes on at once when it stops', async () => {
      const store = await openJobs(open, 4);
      const first = rival(store, 'first');
      await first.byHand.finish(1);
      const { finish } = await first.byHand.attempt(2);
      const second = rival(await another(store), 'second');
      await statsIn(second.watcher, 'standby');

      const stopped = first.watcher.stop();
      finish();
      await stopped;
      await second.byHand.finish(1, 2);

      expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([
        [1, 2],
        [3, 4],
      ]);
      expect(await leaseOf(store)).toMatchObject({ owner: 'second', token: 2 });
      await second.manager.stop();
      expect(await checkpointOf(store)).toBe(4);
    });

    test('that was deposed stores nothing, hands nothing more over, and stands by', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = rival(store, 'first');
      const { finish } = await byHand.attempt(1);
      await grant(await another(store), { owner: 'second', token: 2 });

      finish();
      const { lastError } = await statsIn(watcher, 'standby');

      expect(lastError).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
      expect(await checkpointOf(store)).toBe(0);
      // An engine may take its time to refuse the checkpoint: meanwhile the next event may have been handed over.
      expect(span(1, 2).slice(0, byHand.seqNums.length)).toEqual(byHand.seqNums);
      await watcher.stop();
    });

    test('keeps the lease, and what it has done, though a handler holds the event loop up for longer than that', async () => {
      const store = await openJobs(open, 2);
      const seqNums: number[] = [];
      const manager = createManager(store, { lease: { duration: 600 } });
      const watcher = manager.create('w', {
        scheduler: asyncScheduler,
        handler({ seqNum }) {
          seqNums.push(seqNum);
          const end = performance.now() + 800;
          while (performance.now() < end);
        },
        autoStart: true,
      });

      await passed(watcher, 2);

      expect(seqNums).toEqual([1, 2]);
      expect(await leaseOf(store)).toMatchObject({ token: 1 });
      await watcher.stop();
    });

    test('gives the lease back when its store is closed while it waits for events', async () => {
      if (!supports.reopen) return;
      const store = await openJobs(open, 1);
      const { byHand, watcher } = rival(store, 'first');
      await byHand.finish(1);
      await passed(watcher, 1);
      expect(await checkpointOf(store)).toBe(1);

      await store.close();

      expect(await leaseOf(await open())).not.toMatchObject({ owner: 'first' });
    });
  });
