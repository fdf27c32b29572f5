import { firstValueFrom } from 'rxjs';
import { fiveEvents } from '../../support/five-events.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeCollectingEverything = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('garbage collection that deletes all events', () => {
    test('the latest sequence number stays after garbage collection of all events, and no number is assigned again', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(99_999);

      expect(await store.collectGarbage()).toEqual({ deleted: 5, oldestSeqNum: 6 });
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(5);
      expect((await store.storeEvent(created(6))).seqNum).toBe(6);
      expect(seqNums(await readAll(store))).toEqual([6]);
    });

    test('later events have no lower timestamps after garbage collection of all events', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(99_999);
      await store.collectGarbage();
      time.set(1);

      expect((await store.storeEvent(created(6))).timestamp.getTime()).toBe(14_000);
    });

    if (!supports.reopen) return;
    test('the latest sequence number stays after garbage collection of all events, even in a reopened store', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(99_999);
      await store.collectGarbage();
      await store.close();

      const after = await open({ scheduler: time });

      expect(await firstValueFrom(after.getLatestSeqNum())).toBe(5);
      expect((await after.storeEvent(created(6))).seqNum).toBe(6);
      expect(seqNums(await readAll(after))).toEqual([6]);
    });
  });
