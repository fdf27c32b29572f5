import { asyncScheduler, lastValueFrom, toArray } from 'rxjs';
import { TimeoutError, watch } from '../../../index.ts';
import { countingReads } from '../support/counting-reads.ts';
import { failureOf } from '../support/fault-paths.ts';
import { ManualHandler } from '../support/manual-handler.ts';
import type { StoreSuite } from '../support/suite.ts';
import {
  appendAndReadAll,
  caughtUp,
  checkpointOf,
  openJobs,
  statsIn,
  watchByHand,
} from '../support/watched.ts';

export const describeWatchingEnds = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher that ends', () => {
    test('a watcher aborts its attempt in flight when its subscriber unsubscribes, and neither reads nor delivers afterwards', async () => {
      const store = await openJobs(open, 6);
      const { count, counting } = countingReads(store);
      const byHand = new ManualHandler();
      const subscription = watch(counting, 'w', { handler: byHand.handler, batchSize: 2 }).subscribe();
      await byHand.finishAttempts(1);
      const { context, finish } = await byHand.attempt(2);
      const before = count.reads;

      subscription.unsubscribe();
      expect(context.signal.aborted).toBe(true);
      finish();
      await appendAndReadAll(store);

      expect(byHand.seqNums).toEqual([1, 2]);
      expect(count.reads).toBe(before);
      expect(await checkpointOf(store)).toBe(1);
    });

    test('a watcher that is stopped at the end of the log reads nothing afterwards, even if events are appended', async () => {
      const store = await openJobs(open, 1);
      const { count, counting } = countingReads(store);
      const { byHand, watcher } = watchByHand(counting);
      await byHand.finishAttempts(1);
      await caughtUp(watcher);
      await watcher.stop();
      const before = count.reads;

      await appendAndReadAll(store);

      expect([byHand.seqNums, count.reads]).toEqual([[1], before]);
    });

    test('a watcher waits for the attempt in flight when it is stopped, and delivers no further event', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = watchByHand(store);
      await byHand.finishAttempts(1);
      const { context, finish } = await byHand.attempt(2);
      let isStopped = false;

      const stopped = watcher.stop().then(() => {
        isStopped = true;
      });
      await appendAndReadAll(store);
      expect([isStopped, context.signal.aborted, watcher.stats().state]).toEqual([false, false, 'stopping']);
      finish();
      await stopped;
      await appendAndReadAll(store);

      expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
      expect(byHand.seqNums).toEqual([1, 2]);
      expect(await checkpointOf(store)).toBe(2);
    });

    test('a watcher aborts its attempt in flight if its stop times out', async () => {
      const store = await openJobs(open, 1);
      const { byHand, watcher } = watchByHand(store, { scheduler: asyncScheduler });
      const { context, finish } = await byHand.attempt(1);

      expect(await failureOf(watcher.stop({ timeout: 1 }))).toBeInstanceOf(TimeoutError);
      expect([context.signal.aborted, watcher.stats().state]).toEqual([true, 'stopping']);
      finish();

      await statsIn(watcher, 'stopped');
    });

    test('a store can be closed after the stop of its watcher has timed out', async () => {
      const store = await openJobs(open, 1);
      const { byHand, watcher } = watchByHand(store, { scheduler: asyncScheduler });
      const { finish } = await byHand.attempt(1);

      expect(await failureOf(watcher.stop({ timeout: 1 }))).toBeInstanceOf(TimeoutError);
      await store.close();
      expect(watcher.stats().state).toBe('stopping');
      finish();

      await statsIn(watcher, 'stopped');
    });

    test('a watcher completes after the attempt in flight when its store is closed', async () => {
      const store = await openJobs(open, 3);
      const byHand = new ManualHandler();
      const idle = watch(store, 'idle', { handler: () => undefined, filter: { objectTypes: ['Node'] } });
      const ends = [watch(store, 'w', { handler: byHand.handler }), idle].map((outcomes$) =>
        lastValueFrom(outcomes$.pipe(toArray())),
      );
      await byHand.finishAttempts(1);
      const { context, finish } = await byHand.attempt(2);

      const closed = store.close();
      expect(context.signal.aborted).toBe(false);
      finish();
      await closed;

      expect((await Promise.all(ends)).map((outcomes) => outcomes.map(({ seqNum }) => seqNum))).toEqual([
        [1, 2],
        [],
      ]);
      expect(byHand.seqNums).toEqual([1, 2]);
    });
  });
