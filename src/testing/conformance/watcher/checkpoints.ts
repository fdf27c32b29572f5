import { firstValueFrom } from 'rxjs';
import { createManager, watch } from '../../../index.ts';
import { ByHand } from '../support/by-hand.ts';
import { created, request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { caughtUp, checkpointOf, openJobs, passed, watchByHand } from '../support/watched.ts';

/** What a watcher remembers, on the store under test. */
export const describeWatchingCheckpoints = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the checkpoint of a watcher', () => {
    test('lies behind what was handled, and before what is in hand', async () => {
      const store = await openJobs(open, 3);
      const { byHand } = watchByHand(store);

      for (const n of span(1, 3)) {
        await byHand.attempt(n);
        expect((await checkpointOf(store)) ?? 0).toBe(n - 1);
        await byHand.finish(n);
      }

      expect(await checkpointOf(store)).toBe(3);
    });

    test('is where another manager, and then watch, go on: what was in hand comes again', async () => {
      const store = await openJobs(open, 4);
      const first = watchByHand(store);
      await first.byHand.finish(1, 2);
      const inHand = await first.byHand.attempt(3);
      const stopped = first.watcher.stop();
      inHand.finish();
      await stopped;

      const second = new ByHand();
      const subscription = watch(store, 'w', { handler: second.handler }).subscribe();
      await second.attempt(1);
      subscription.unsubscribe();
      const third = watchByHand(store);
      await third.byHand.finish(1);

      expect([first.byHand.seqNums, second.seqNums, third.byHand.seqNums]).toEqual([[1, 2, 3], [4], [4]]);
    });

    test('is flushed by a stop', async () => {
      const store = await openJobs(open, 9);
      const watcher = createManager(store).create('w', { handler: () => undefined, autoStart: true });
      await passed(watcher, 9);

      await watcher.stop();

      // It waits for that: it is there already, and does not only come before what is written next.
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(9);
    });

    test('moves past what the filter leaves out, too', async () => {
      const store = await open();
      await store.storeEvents([created(1), request('CREATE', 'Node'), created(3), created(4)]);
      const { byHand, watcher } = watchByHand(store, { filter: { objectTypes: ['Node'] } });
      await byHand.finish(1);
      await caughtUp(watcher);
      expect(await checkpointOf(store)).toBeGreaterThanOrEqual(2);
      // Nothing is handled from here on: this one may wait for others to come, until the stop.
      await store.storeEvent(created(5));
      await passed(watcher, 5);

      await watcher.stop();

      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(5);
    });

    test('is its own: that of nobody else moves', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('v', 1);
      const { byHand, watcher } = watchByHand(store);
      await byHand.finish(1, 2);
      await passed(watcher, 2);

      await watcher.stop();

      expect(await firstValueFrom(store.checkpoints())).toEqual(
        new Map([
          ['v', 1],
          ['w', 2],
        ]),
      );
    });

    if (!supports.reopen) return;
    test('is where it goes on when the store is opened again', async () => {
      const before = await openJobs(open, 3);
      const first = watchByHand(before);
      await first.byHand.finish(1, 2);
      await first.byHand.attempt(3);
      await checkpointOf(before);
      await before.close();

      const { byHand } = watchByHand(await open());

      expect((await byHand.attempt(1)).event.seqNum).toBe(3);
    });
  });
