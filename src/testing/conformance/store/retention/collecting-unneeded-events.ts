import { lastValueFrom, map, NEVER, tap, toArray } from 'rxjs';
import { trimHorizon, watch } from '../../../../index.ts';
import { ManualHandler } from '../../support/manual-handler.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const checkpointed: readonly [string, Readonly<Record<string, number>>, number][] = [
  ['all events if there is no checkpoint', {}, 1],
  ['all events for a checkpoint of 0', { idle: 0 }, 1],
  ['all events for a checkpoint of 0 among others', { idle: 0, busy: 10 }, 1],
  ['the events after a checkpoint', { w: 3 }, 4],
  ['the events after a checkpoint in the middle of a batch', { w: 7 }, 8],
  ['the events after the lowest of several checkpoints', { a: 9, b: 2, c: 5 }, 3],
  ['no events for a checkpoint at the latest event', { w: 10 }, 11],
  ['no events for a checkpoint after the latest event', { w: 1_000_000 }, 11],
];

/** Declares the tests that garbage collection by age keeps events that a checkpoint or an active reader needs. */
export const describeCollectingUnneededEvents = ({ describe, expect, test, open }: StoreSuite) =>
  describe('garbage collection with checkpoints and readers', () => {
    /**
     * Opens a store with the given checkpoints and ten events, stored in appends of 3, 1 and 6. All events are older than
     * `gcAgeThreshold`.
     */
    const openTenOldEvents = async (checkpoints: Readonly<Record<string, number>> = {}) => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      for (const numbers of [span(1, 3), [4], span(5, 10)]) await store.storeEvents(numbers.map(created));
      for (const [id, seqNum] of Object.entries(checkpoints)) await store.storeCheckpoint(id, seqNum);
      time.set(5000);
      return { time, store };
    };

    test.each(checkpointed)('garbage collection keeps %s', async (_name, checkpoints, oldest) => {
      const { store } = await openTenOldEvents(checkpoints);

      expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
      expect(seqNums(await readAll(store))).toEqual(span(oldest, 10));
    });

    test('garbage collection keeps the events after a checkpoint until that checkpoint moves or is deleted', async () => {
      const { store } = await openTenOldEvents({ slow: 2, deleted: 0 });
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      await store.deleteCheckpoint('deleted');
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 3 });
      await store.storeCheckpoint('slow', 8);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 9 });
      await store.deleteCheckpoint('slow');
      expect(await store.collectGarbage()).toMatchObject({ deleted: 0, oldestSeqNum: 9 });
    });

    test('garbage collection keeps events younger than gcAgeThreshold even if all checkpoints have passed these events', async () => {
      const { time, store } = await openTenOldEvents({ w: 12 });
      await store.storeEvents(span(11, 13).map(created));

      time.set(5999);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
      time.set(6001);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 13 });
    });

    test('garbage collection deletes nothing if a checkpoint was moved to a position before the oldest event', async () => {
      const { store } = await openTenOldEvents({ w: 6 });
      await store.collectGarbage();
      await store.storeCheckpoint('w', 2);

      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 7 });
    });

    test('garbage collection keeps events that a running watcher without a checkpoint has not processed', async () => {
      const { store } = await openTenOldEvents({ reader: 10 });
      const byHand = new ManualHandler();
      const watching = watch(store, 'w', { handler: byHand.handler, ephemeral: true }).subscribe();
      await byHand.attempt(1);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      await byHand.finishAttempts(1, 3);
      await byHand.attempt(4);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 4 });
      watching.unsubscribe();

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
    });

    test('garbage collection keeps events that a replay in this process has not emitted', async () => {
      const { store } = await openTenOldEvents({ reader: 10 });
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

    test('garbage collection keeps the events after the position of the slowest of several running watchers', async () => {
      const { store } = await openTenOldEvents({ reader: 10 });
      const quick = new ManualHandler();
      const stuck = watch(store, 'stuck', { handler: () => NEVER, ephemeral: true }).subscribe();
      watch(store, 'quick', { handler: quick.handler, ephemeral: true }).subscribe();
      await quick.finishAttempts(1, 6);
      await quick.attempt(7);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      stuck.unsubscribe();

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 7 });
    });
  });
