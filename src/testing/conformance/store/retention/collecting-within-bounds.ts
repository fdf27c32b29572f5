import type { StoreOptions } from '../../../../index.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const MANY = 5000;

export const describeCollectingWithinBounds = ({ describe, expect, test, open }: StoreSuite) =>
  describe('one run of garbage collection', () => {
    const openManyOldEvents = async (options: StoreOptions = {}) => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000, ...options });
      await store.storeEvents(span(1, MANY).map(created));
      await passEverything(store);
      time.set(5000);
      return store;
    };

    test('one run of garbage collection deletes any number of events by default', async () => {
      const store = await openManyOldEvents();

      expect(await store.collectGarbage()).toEqual({ deleted: MANY, oldestSeqNum: MANY + 1 });
    });

    test.each([1, 300, 2400])(
      'one run of garbage collection deletes at most gcMaxRecordsPerRun events: %i',
      async (max) => {
        const store = await openManyOldEvents({ gcMaxRecordsPerRun: max });

        expect(await store.collectGarbage()).toEqual({ deleted: max, oldestSeqNum: max + 1 });
        expect(await store.collectGarbage()).toEqual({ deleted: max, oldestSeqNum: 2 * max + 1 });
        expect(seqNums(await readAll(store)).slice(0, 2)).toEqual([2 * max + 1, 2 * max + 2]);
      },
    );

    test('gcMaxRecordsPerRun also limits the events that one run deletes because of a hard limit', async () => {
      const store = await openManyOldEvents({ gcMaxRecordsPerRun: 50, retention: { maxEvents: MANY - 30 } });

      expect(await store.collectGarbage()).toEqual({ deleted: 50, oldestSeqNum: 51 });
    });
  });
