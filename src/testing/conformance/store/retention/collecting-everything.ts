import { firstValueFrom } from 'rxjs';
import { fiveEvents } from '../../support/five-events.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** What is left of a log of which nothing is left. */
export const describeCollectingEverything = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('garbage collection', () => {
    test('that leaves nothing leaves the latest number what it was, and gives none again', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(99_999);

      expect(await store.collectGarbage()).toEqual({ deleted: 5, oldestSeqNum: 6 });
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(5);
      expect((await store.storeEvent(created(6))).seqNum).toBe(6);
      expect(seqNums(await readAll(store))).toEqual([6]);
    });

    test('never lets the clock of the events go back, though the log was emptied', async () => {
      const { time, store } = await fiveEvents(open, 5000);
      time.set(99_999);
      await store.collectGarbage();
      time.set(1);

      expect((await store.storeEvent(created(6))).timestamp.getTime()).toBe(14_000);
    });

    if (!supports.reopen) return;
    test('that left nothing is not forgotten when the store is opened again', async () => {
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
