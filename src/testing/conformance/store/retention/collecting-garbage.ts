import { StoreClosedError } from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { fiveEvents } from '../../support/five-events.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const describeCollectingGarbage = ({ describe, expect, test, open }: StoreSuite) =>
  describe('garbage collection by age', () => {
    test.each([
      [14_000, 1],
      [14_999, 1],
      [15_001, 2],
      [15_999, 2],
      [16_001, 3],
      [18_999, 5],
      [19_001, 6],
      [99_999, 6],
    ])(
      'garbage collection deletes events older than gcAgeThreshold: at the time %i ms, the oldest remaining event is %i',
      async (now, oldest) => {
        const { time, store } = await fiveEvents(open, 5000);
        time.set(now);

        expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
        expect(seqNums(await readAll(store))).toEqual(span(oldest, 5));
      },
    );

    test('garbage collection counts each deleted event exactly once in its result', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(17_500);

      expect(await store.collectGarbage()).toEqual({ deleted: 3, oldestSeqNum: 4 });
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 4 });
      time.set(30_000);
      expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 6 });
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 6 });
    });

    test('garbage collection supports a gcAgeThreshold with a fraction of a millisecond', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 0.5 });
      time.set(10);
      await store.storeEvent(created(1));
      await passEverything(store);

      time.set(10.4);
      expect(await store.collectGarbage()).toMatchObject({ deleted: 0 });
      time.set(11.6);
      expect(await store.collectGarbage()).toMatchObject({ deleted: 1 });
    });

    test('garbage collection by age deletes nothing while the clock is set back', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(0);

      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
    });

    test('garbage collection deletes nothing and sets no timer if gcAgeThreshold is 0', async () => {
      const { time, store } = await fiveEvents(open, 0);
      time.set(8.64e15); // Maximum time of a `Date`.

      expect(time.timers).toBe(0);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
    });

    test('garbage collection deletes nothing from an empty log', async () => {
      const store = await open({ gcAgeThreshold: 1 });

      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
    });

    test('collectGarbage fails with a StoreClosedError after the store is closed', async () => {
      const store = await open({ gcAgeThreshold: 1 });
      await store.close();

      expect(await failureOf(store.collectGarbage())).toBeInstanceOf(StoreClosedError);
    });
  });
