import { atTimestamp } from '../../../../index.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Declares the tests of timestamps. A timestamp is the time of the scheduler, but never before the previous timestamp. */
export const describeTimestamps = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the timestamp of an event', () => {
    test('the timestamp of an event is the time of the scheduler at the append, in whole milliseconds', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler });

      scheduler.set(1_700_000_000_000);
      const first = await store.storeEvent(created(1));
      scheduler.set(1_700_000_000_250.75);
      const second = await store.storeEvent(created(2));

      expect([first, second].map(({ timestamp }) => timestamp.getTime())).toEqual([
        1_700_000_000_000, 1_700_000_000_250,
      ]);
      expect(await readAll(store)).toStrictEqual([first, second]);
    });

    test('the timestamp of an event is never lower than an earlier timestamp, even if the clock is set back', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler });

      for (const time of [1000, 400, 999, 1001, 0, 2000]) {
        scheduler.set(time);
        await store.storeEvent(created(time));
      }

      expect((await readAll(store)).map(({ timestamp }) => timestamp.getTime())).toEqual([
        1000, 1000, 1000, 1001, 1001, 2000,
      ]);
    });

    test('timestamps stay constant until a clock that was set back has caught up, and garbage collection by age is delayed', async () => {
      const hour = 3_600_000;
      const scheduler = new VirtualClock();
      const store = await open({ scheduler, gcAgeThreshold: hour / 2 });
      await passEverything(store);
      scheduler.set(2 * hour);
      await store.storeEvent(created(1));

      scheduler.set(hour);
      await store.storeEvents([created(2), created(3)]);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
      scheduler.set(2 * hour + 1);
      await store.storeEvent(created(4));

      expect((await readAll(store)).map(({ timestamp }) => timestamp.getTime() - 2 * hour)).toEqual([
        0, 0, 0, 1,
      ]);
      expect(seqNums(await readAll(store, atTimestamp(new Date(hour))))).toEqual([1, 2, 3, 4]);
      expect(seqNums(await readAll(store, atTimestamp(new Date(2 * hour + 1))))).toEqual([4]);
      scheduler.set(2.5 * hour);
      expect(await store.collectGarbage()).toEqual({ deleted: 3, oldestSeqNum: 4 });
    });

    test('the timestamp of an event is never lower than an earlier timestamp among concurrent appends', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler });

      const appends = [50, 20, 70, 10].map((time) => {
        scheduler.set(time);
        return store.storeEvents([created(time), created(time)]);
      });
      await Promise.all(appends);

      expect((await readAll(store)).map(({ timestamp }) => timestamp.getTime())).toEqual([
        50, 50, 50, 50, 70, 70, 70, 70,
      ]);
    });

    if (!supports.reopen) return;
    test('the timestamp of an event is never lower than an earlier timestamp after a reopen with a clock that was set back', async () => {
      const scheduler = new VirtualClock();
      const before = await open({ scheduler });
      scheduler.set(5000);
      await before.storeEvent(created(1));
      await before.close();

      scheduler.set(3);
      const after = await open({ scheduler });
      const event = await after.storeEvent(created(2));

      expect(event.timestamp.getTime()).toBe(5000);
    });
  });
