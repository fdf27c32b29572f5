import type { StoreOptions } from '../../../../index.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

const MANY = 5000;

/** How much goes in one run. */
export const describeCollectingWithinBounds = ({ describe, expect, test, open }: StoreSuite) =>
  describe('garbage collection', () => {
    const manyOld = async (options: StoreOptions = {}) => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000, ...options });
      await store.storeEvents(span(1, MANY).map(created));
      await passEverything(store);
      time.set(5000);
      return store;
    };

    test('lets go of any number of events in one run', async () => {
      const store = await manyOld();

      expect(await store.collectGarbage()).toEqual({ deleted: MANY, oldestSeqNum: MANY + 1 });
    });

    test.each([1, 300, 2400])('lets go of no more in one run than gcMaxRecordsPerRun: %i', async (most) => {
      const store = await manyOld({ gcMaxRecordsPerRun: most });

      expect(await store.collectGarbage()).toEqual({ deleted: most, oldestSeqNum: most + 1 });
      expect(await store.collectGarbage()).toEqual({ deleted: most, oldestSeqNum: 2 * most + 1 });
      expect(seqNums(await readAll(store)).slice(0, 2)).toEqual([2 * most + 1, 2 * most + 2]);
    });

    test('counts what goes beyond a cap among those', async () => {
      const store = await manyOld({ gcMaxRecordsPerRun: 50, retention: { maxEvents: MANY - 30 } });

      expect(await store.collectGarbage()).toEqual({ deleted: 50, oldestSeqNum: 51 });
    });
  });
