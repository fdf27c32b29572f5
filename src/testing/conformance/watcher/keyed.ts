import { type WatcherOptions, watch } from '../../../index.ts';
import { ByHand } from '../support/by-hand.ts';
import { request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, fates, occasion, passed, watchByHand } from '../support/watched.ts';

const byType: WatcherOptions = {
  keyOf: ({ objectType }) => objectType,
  concurrency: 2,
  filter: { objectTypes: ['a', 'b', 'c', 'd'] },
};

const isSkipped = (fate: unknown): boolean => String(fate).includes('skipped');

/** A watcher that handles events of different keys at the same time, on the store under test. */
export const describeWatchingByKey = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher by key', () => {
    const openTypes = async (types: string) => {
      const store = await open();
      await store.storeEvents([...types].map((type) => request('CREATE', type)));
      return store;
    };
    const started = async (types: string) => {
      const store = await openTypes(types);
      return { store, ...watchByHand(store, byType) };
    };

    test('gives up alone an event for which keyOf throws', async () => {
      const store = await openTypes('abca');
      const keyOf: WatcherOptions['keyOf'] = ({ objectType }) => {
        if (objectType === 'c') throw new Error('no key');
        return objectType;
      };
      const options = { ...byType, keyOf, retryStrategy: 'skip', maxRetries: 0 } as const;
      const { byHand, watcher, outcomes$ } = watchByHand(store, options);

      await byHand.finish(1, 3);
      await passed(watcher, 4);

      expect(byHand.seqNums).toEqual([1, 2, 4]);
      expect((await fates(outcomes$, 4)).filter(isSkipped)).toEqual([[3, 'skipped', 1]]);
    });

    test('is given events of one key one at a time, those of different keys at the same time', async () => {
      const { store, byHand, watcher } = await started('aabb');
      const [a1, b1] = [await byHand.attempt(1), await byHand.attempt(2)];
      await occasion(store);
      expect(byHand.seqNums).toEqual([1, 3]);

      b1.finish();
      const b2 = await byHand.attempt(3);
      a1.finish();
      const a2 = await byHand.attempt(4);
      expect(byHand.seqNums).toEqual([1, 3, 4, 2]);
      for (const attempt of [a2, b2]) attempt.finish();

      await passed(watcher, 4);
    });

    test('is given no more at the same time than concurrency says', async () => {
      const { store, byHand } = await started('abcd');
      await byHand.attempt(2);
      await occasion(store);
      expect(byHand.seqNums).toEqual([1, 2]);

      await byHand.finish(2);
      await byHand.attempt(3);
      await occasion(store);

      expect(byHand.seqNums).toEqual([1, 2, 3]);
    });

    test('has its checkpoint before the oldest event under way, whatever is done behind it', async () => {
      const { store, byHand, watcher } = await started('abcb');
      await byHand.finish(2, 4);
      await passed(watcher, 4);
      expect(byHand.seqNums).toEqual(span(1, 4));
      expect((await checkpointOf(store)) ?? 0).toBe(0);

      await byHand.finish(1);
      await watcher.stop();

      expect(await checkpointOf(store)).toBe(4);
    });

    test('that is unsubscribed gives nobody the place that becomes free', async () => {
      const store = await openTypes('abcd');
      const byHand = new ByHand();
      const subscription = watch(store, 'w', { handler: byHand.handler, ...byType }).subscribe();
      await byHand.attempt(2);

      subscription.unsubscribe();
      await occasion(store);

      expect(byHand.seqNums).toEqual([1, 2]);
    });
  });
