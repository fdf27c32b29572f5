import { firstValueFrom } from 'rxjs';
import { createManager, watch } from '../../../index.ts';
import { ManualHandler } from '../support/manual-handler.ts';
import { created, request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { caughtUp, checkpointOf, openJobs, passed, watchByHand } from '../support/watched.ts';

export const describeWatchingCheckpoints = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the checkpoint of a watcher', () => {
    test('the checkpoint of a watcher is after the last handled event and before the event in flight', async () => {
      const store = await openJobs(open, 3);
      const { byHand } = watchByHand(store);

      for (const n of span(1, 3)) {
        await byHand.attempt(n);
        expect((await checkpointOf(store)) ?? 0).toBe(n - 1);
        await byHand.finishAttempts(n);
      }

      expect(await checkpointOf(store)).toBe(3);
    });

    test('the checkpoint of a watcher is the position after which watch and another manager continue', async () => {
      const store = await openJobs(open, 4);
      const first = watchByHand(store);
      await first.byHand.finishAttempts(1, 2);
      const inFlight = await first.byHand.attempt(3);
      const stopped = first.watcher.stop();
      inFlight.finish();
      await stopped;

      const second = new ManualHandler();
      const subscription = watch(store, 'w', { handler: second.handler }).subscribe();
      await second.attempt(1);
      subscription.unsubscribe();
      const third = watchByHand(store);
      await third.byHand.finishAttempts(1);

      expect([first.byHand.seqNums, second.seqNums, third.byHand.seqNums]).toEqual([[1, 2, 3], [4], [4]]);
    });

    test('the checkpoint of a watcher is stored before the Promise of stop() resolves', async () => {
      const store = await openJobs(open, 9);
      const watcher = createManager(store).create('w', { handler: () => undefined, autoStart: true });
      await passed(watcher, 9);

      await watcher.stop();

      // Do not use `checkpointOf`, which waits for pending writes. Only a plain read proves that `stop` has waited for the
      // checkpoint.
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(9);
    });

    test('the checkpoint of a watcher moves past events that the filter excludes', async () => {
      const store = await open();
      await store.storeEvents([created(1), request('CREATE', 'Node'), created(3), created(4)]);
      const { byHand, watcher } = watchByHand(store, { filter: { objectTypes: ['Node'] } });
      await byHand.finishAttempts(1);
      await caughtUp(watcher);
      expect(await checkpointOf(store)).toBeGreaterThanOrEqual(2);
      // The filter excludes the last event. The write of progress past this event is delayed, and `stop` must not lose that
      // progress.
      await store.storeEvent(created(5));
      await passed(watcher, 5);

      await watcher.stop();

      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(5);
    });

    test('the checkpoint of a watcher does not affect checkpoints of other watchers', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('v', 1);
      const { byHand, watcher } = watchByHand(store);
      await byHand.finishAttempts(1, 2);
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
    test('the checkpoint of a watcher is the position after which a watcher continues in a reopened store', async () => {
      const before = await openJobs(open, 3);
      const first = watchByHand(before);
      await first.byHand.finishAttempts(1, 2);
      await first.byHand.attempt(3);
      await checkpointOf(before);
      await before.close();

      const { byHand } = watchByHand(await open());

      expect((await byHand.attempt(1)).event.seqNum).toBe(3);
    });
  });
