import { describe, expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/read-all.ts';
import { created, seqNums, span } from '../../src/testing/conformance/requests.ts';
import { VirtualTime } from '../../src/testing/conformance/virtual-time.ts';
import { onEachEngine } from './each-engine.ts';

describe('garbage collection keeps what a checkpoint still needs', () => {
  onEachEngine((open) => {
    /** Ten events, in appends of 3, 1 and 6; all are old enough to go. */
    const tenOldEvents = async (checkpoints: Readonly<Record<string, number>>) => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      for (const [first, last] of [
        [1, 3],
        [4, 4],
        [5, 10],
      ] as const) {
        await store.storeEvents(span(first, last).map(created));
      }
      for (const [id, seqNum] of Object.entries(checkpoints)) await store.storeCheckpoint(id, seqNum);
      time.set(5000);
      return { time, store };
    };

    test.each([
      ['none protects nothing', {}, 11],
      ['one of 0 protects everything', { idle: 0 }, 1],
      ['one of 0 protects everything from the others', { idle: 0, busy: 10 }, 1],
      ['one protects what comes after it', { w: 3 }, 4],
      ['one in the middle of an append does', { w: 7 }, 8],
      ['the lowest of several does', { a: 9, b: 2, c: 5 }, 3],
      ['one at the latest protects nothing', { w: 10 }, 11],
      ['one beyond the latest protects nothing', { w: 1_000_000 }, 11],
    ])('%s', async (_name, checkpoints, oldest) => {
      const { store } = await tenOldEvents(checkpoints);

      expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
      expect(seqNums(await readAll(store))).toEqual(span(oldest, 10));
    });

    test('until it moves on, or is deleted', async () => {
      const { store } = await tenOldEvents({ slow: 2, gone: 0 });
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 1 });

      await store.deleteCheckpoint('gone');
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 3 });
      await store.storeCheckpoint('slow', 8);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 9 });
      await store.deleteCheckpoint('slow');
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
    });

    test('and what is young, whatever the checkpoints say', async () => {
      const { time, store } = await tenOldEvents({ w: 12 });
      await store.storeEvents(span(11, 13).map(created));

      time.set(5999);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 11 });
      time.set(6001);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 13 });
    });

    test('also one that was set back below what is left: nothing more goes', async () => {
      const { store } = await tenOldEvents({ w: 6 });
      await store.collectGarbage();
      await store.storeCheckpoint('w', 2);

      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 7 });
    });
  });
});
