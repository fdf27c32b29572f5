import { lastValueFrom, map, NEVER, tap, toArray } from 'rxjs';
import { trimHorizon, watch } from '../../../../index.ts';
import { ByHand } from '../../support/by-hand.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

const checkpointed: readonly [string, Readonly<Record<string, number>>, number][] = [
  ['everything, if there is no checkpoint', {}, 1],
  ['everything, for one of 0', { idle: 0 }, 1],
  ['everything, for one of 0 among others', { idle: 0, busy: 10 }, 1],
  ['what comes after it', { w: 3 }, 4],
  ['what comes after one in the middle of an append', { w: 7 }, 8],
  ['what comes after the lowest of several', { a: 9, b: 2, c: 5 }, 3],
  ['nothing, for one at the latest', { w: 10 }, 11],
  ['nothing, for one beyond the latest', { w: 1_000_000 }, 11],
];

/** What is old stays, if somebody still needs it. */
export const describeCollectingWhatNobodyNeeds = ({ describe, expect, test, open }: StoreSuite) =>
  describe('garbage collection', () => {
    /** Ten events, in appends of 3, 1 and 6; all are old enough to go. */
    const tenOldEvents = async (checkpoints: Readonly<Record<string, number>> = {}) => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      for (const numbers of [span(1, 3), [4], span(5, 10)]) await store.storeEvents(numbers.map(created));
      for (const [id, seqNum] of Object.entries(checkpoints)) await store.storeCheckpoint(id, seqNum);
      time.set(5000);
      return { time, store };
    };

    test.each(checkpointed)('keeps for a checkpoint %s', async (_what, checkpoints, oldest) => {
      const { store } = await tenOldEvents(checkpoints);

      expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
      expect(seqNums(await readAll(store))).toEqual(span(oldest, 10));
    });

    test('is held by a checkpoint until it moves on, or is deleted', async () => {
      const { store } = await tenOldEvents({ slow: 2, gone: 0 });
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      await store.deleteCheckpoint('gone');
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 3 });
      await store.storeCheckpoint('slow', 8);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 9 });
      await store.deleteCheckpoint('slow');
      expect(await store.collectGarbage()).toMatchObject({ deleted: 0, oldestSeqNum: 9 });
    });

    test('keeps what is young, whatever the checkpoints say', async () => {
      const { time, store } = await tenOldEvents({ w: 12 });
      await store.storeEvents(span(11, 13).map(created));

      time.set(5999);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
      time.set(6001);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 13 });
    });

    test('lets go of nothing more for a checkpoint that was set back below what is left', async () => {
      const { store } = await tenOldEvents({ w: 6 });
      await store.collectGarbage();
      await store.storeCheckpoint('w', 2);

      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 7 });
    });

    test('keeps what a running watcher of this process has not passed, though that watcher has no checkpoint', async () => {
      const { store } = await tenOldEvents({ reader: 10 });
      const byHand = new ByHand();
      const watching = watch(store, 'w', { handler: byHand.handler, ephemeral: true }).subscribe();
      await byHand.attempt(1);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      await byHand.finish(1, 3);
      await byHand.attempt(4);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 4 });
      watching.unsubscribe();

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
    });

    test('keeps what a replay of this process has not passed', async () => {
      const { store } = await tenOldEvents({ reader: 10 });
      const collected: Promise<unknown>[] = [];
      const replay = store.events(trimHorizon(), { live: false, batchSize: 2 });

      const replayed = lastValueFrom(
        replay.pipe(
          tap(() => void collected.push(store.collectGarbage())),
          map(({ seqNum }) => seqNum),
          toArray(),
        ),
      );

      expect(await replayed).toEqual(span(1, 10));
      await Promise.all(collected);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
    });

    test('keeps it for the slowest of them', async () => {
      const { store } = await tenOldEvents({ reader: 10 });
      const quick = new ByHand();
      const stuck = watch(store, 'stuck', { handler: () => NEVER, ephemeral: true }).subscribe();
      watch(store, 'quick', { handler: quick.handler, ephemeral: true }).subscribe();
      await quick.finish(1, 6);
      await quick.attempt(7);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      stuck.unsubscribe();

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 7 });
    });
  });
