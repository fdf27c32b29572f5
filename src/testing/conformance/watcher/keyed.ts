import { type WatcherOptions, watch } from '../../../index.ts';
import { ManualHandler } from '../support/manual-handler.ts';
import { request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { VirtualClock } from '../support/virtual-clock.ts';
import { appendAndReadAll, checkpointOf, nextOutcomes, passed, watchByHand } from '../support/watched.ts';

const byType: WatcherOptions = {
  keyOf: ({ objectType }) => objectType,
  concurrency: 2,
  filter: { objectTypes: ['a', 'b', 'c', 'd'] },
};

const isSkipped = (outcome: unknown): boolean => String(outcome).includes('skipped');

/** Declares the tests of a watcher with `keyOf` and `concurrency`. */
export const describeWatchingByKey = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher that handles events by key', () => {
    const openTypes = async (types: string) => {
      const store = await open();
      await store.storeEvents([...types].map((type) => request('CREATE', type)));
      return store;
    };
    const start = async (types: string) => {
      const store = await openTypes(types);
      return { store, ...watchByHand(store, byType) };
    };

    test('a watcher gives up only the event for which keyOf throws', async () => {
      const store = await openTypes('abca');
      const keyOf: WatcherOptions['keyOf'] = ({ objectType }) => {
        if (objectType === 'c') throw new Error('no key');
        return objectType;
      };
      const options = { ...byType, keyOf, retryStrategy: 'skip', maxRetries: 0 } as const;
      const { byHand, watcher, outcomes$ } = watchByHand(store, options);

      await byHand.finishAttempts(1, 3);
      await passed(watcher, 4);

      expect(byHand.seqNums).toEqual([1, 2, 4]);
      expect((await nextOutcomes(outcomes$, 4)).filter(isSkipped)).toEqual([[3, 'skipped', 1]]);
    });

    test('a watcher with keyOf handles events of one key one at a time and events of different keys concurrently', async () => {
      const { store, byHand, watcher } = await start('aabb');
      const [a1, b1] = [await byHand.attempt(1), await byHand.attempt(2)];
      await appendAndReadAll(store);
      expect(byHand.seqNums).toEqual([1, 3]);

      b1.finish();
      const b2 = await byHand.attempt(3);
      a1.finish();
      const a2 = await byHand.attempt(4);
      expect(byHand.seqNums).toEqual([1, 3, 4, 2]);
      for (const attempt of [a2, b2]) attempt.finish();

      await passed(watcher, 4);
    });

    test('a concurrent watcher without keyOf handles events with the same key one at a time', async () => {
      const store = await open();
      const keys = ['a', 'a', 'b', undefined];
      await store.storeEvents(
        keys.map((key) => ({ ...request('CREATE', 'Job'), ...(key !== undefined && { key }) })),
      );
      const { byHand, watcher } = watchByHand(store, { concurrency: 4 });
      await byHand.attempt(3);
      await appendAndReadAll(store);
      expect(byHand.seqNums).toEqual([1, 3, 4]);

      await byHand.finishAttempts(1);
      await byHand.attempt(4);
      expect(byHand.seqNums).toEqual([1, 3, 4, 2]);
      await byHand.finishAttempts(2, 4);
      await byHand.attempt(5);
      await byHand.finishAttempts(3, 5);

      await passed(watcher, 5);
    });

    test('a watcher with keyOf handles at most concurrency events at the same time', async () => {
      const { store, byHand } = await start('abcd');
      await byHand.attempt(2);
      await appendAndReadAll(store);
      expect(byHand.seqNums).toEqual([1, 2]);

      await byHand.finishAttempts(2);
      await byHand.attempt(3);
      await appendAndReadAll(store);

      expect(byHand.seqNums).toEqual([1, 2, 3]);
    });

    test('a concurrent watcher stores the number before the oldest event in flight as its checkpoint, even if later events are handled', async () => {
      const { store, byHand, watcher } = await start('abcb');
      await byHand.finishAttempts(2, 4);
      await passed(watcher, 4);
      expect(byHand.seqNums).toEqual(span(1, 4));
      expect((await checkpointOf(store)) ?? 0).toBe(0);

      await byHand.finishAttempts(1);
      await watcher.stop();

      expect(await checkpointOf(store)).toBe(4);
    });

    test('a concurrent watcher starts no attempt at a waiting event after an unsubscription', async () => {
      const store = await openTypes('abcd');
      const byHand = new ManualHandler();
      const subscription = watch(store, 'w', { handler: byHand.handler, ...byType }).subscribe();
      await byHand.attempt(2);

      subscription.unsubscribe();
      await appendAndReadAll(store);

      expect(byHand.seqNums).toEqual([1, 2]);
    });

    test('a concurrent watcher starts no attempt at a waiting event when an unsubscription ends a retry', async () => {
      const time = new VirtualClock();
      const store = await openTypes('abcdb');
      const byHand = new ManualHandler();
      const options = {
        ...byType,
        handler: byHand.handler,
        scheduler: time,
        maxRetries: 1,
        initialBackoff: 100,
      };
      const subscription = watch(store, 'w', options).subscribe();
      await byHand.attempt(2);
      byHand.fail(new Error('unavailable'), 1);
      await byHand.attempt(3);
      time.advanceBy(1000);
      byHand.finish(2);
      await byHand.attempt(4);
      byHand.finish(3);
      await byHand.attempt(5);
      expect(byHand.seqNums).toEqual([1, 2, 3, 4, 1]);

      subscription.unsubscribe();

      expect(byHand.seqNums).toEqual([1, 2, 3, 4, 1]);
    });
  });
