import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  atSequenceNumber,
  SequenceTrimmedError,
  type StoreOptions,
} from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const describeCollectingBeyondLimits = ({ describe, expect, test, open }: StoreSuite) =>
  describe('garbage collection with hard limits', () => {
    const openFilled = async (count: number, options: StoreOptions) => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, ...options });
      await store.storeEvents(span(1, count).map(created));
      return { time, store };
    };

    test.each([
      [10, 1],
      [9, 2],
      [3, 8],
      [1, 10],
      [0, 11],
    ])(
      'garbage collection keeps at most retention.maxEvents events of any age: %i',
      async (maxEvents, oldest) => {
        const { store } = await openFilled(10, { retention: { maxEvents } });

        expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
        expect(seqNums(await readAll(store))).toEqual(span(oldest, 10));
      },
    );

    test('garbage collection keeps exactly retention.maxEvents events of a large log, also after further appends', async () => {
      const { store } = await openFilled(5000, { retention: { maxEvents: 1234 } });

      expect(await store.collectGarbage()).toEqual({ deleted: 3766, oldestSeqNum: 3767 });
      await store.storeEvents([created(5001), created(5002)]);
      expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 3769 });
    });

    test('garbage collection also deletes old events by age if the log holds at most retention.maxEvents events', async () => {
      const { time, store } = await openFilled(10, { gcAgeThreshold: 1000, retention: { maxEvents: 8 } });
      await store.storeCheckpoint('w', 5);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 3 });

      time.set(5000);

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 6 });
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(5);
    });

    test('garbage collection deletes events beyond retention.maxEvents even if a checkpoint has not passed these events', async () => {
      const { store } = await openFilled(10, { retention: { maxEvents: 4 } });
      await store.storeCheckpoint('w', 0);

      expect(await store.collectGarbage()).toEqual({ deleted: 6, oldestSeqNum: 7 });
    });

    test('garbage collection deletes events older than retention.maxAge even if a checkpoint has not passed these events', async () => {
      const { time, store } = await openFilled(3, { gcAgeThreshold: 0, retention: { maxAge: 1000 } });
      await store.storeCheckpoint('w', 0);
      time.advanceBy(600);
      await store.storeEvent(created(4));

      time.advanceBy(399);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
      time.advanceBy(1);
      expect(await store.collectGarbage()).toEqual({ deleted: 3, oldestSeqNum: 4 });
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 4 });
      time.advanceBy(600);
      expect(await store.collectGarbage()).toEqual({ deleted: 1, oldestSeqNum: 5 });
    });

    test('garbage collection deletes only events older than retention.maxAge if there is no checkpoint', async () => {
      const { time, store } = await openFilled(3, { gcAgeThreshold: 1, retention: { maxAge: 1000 } });

      time.advanceBy(900);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });
      time.advanceBy(100);
      expect(await store.collectGarbage()).toEqual({ deleted: 3, oldestSeqNum: 4 });
    });

    test.each([
      ['afterSequenceNumber(5)', afterSequenceNumber(5), 5],
      ['atSequenceNumber(6)', atSequenceNumber(6), 6],
      ['afterSequenceNumber(0)', afterSequenceNumber(0), 0],
    ])(
      'a read from a position that garbage collection has deleted fails with a SequenceTrimmedError: %s',
      async (_name, from, requested) => {
        const { store } = await openFilled(10, { retention: { maxEvents: 4 } });
        await store.collectGarbage();

        // Both rejections are handled immediately, because an unhandled rejection would end the process.
        const reads = [readPage(store, from), readAll(store, from)].map((read) => failureOf(read));
        for (const failure of await Promise.all(reads)) {
          expect(failure).toBeInstanceOf(SequenceTrimmedError);
          expect(failure).toMatchObject({ requested, oldest: 7 });
        }
      },
    );

    test.each([
      ['afterSequenceNumber(6)', afterSequenceNumber(6)],
      ['atSequenceNumber(7)', atSequenceNumber(7)],
    ])(
      'a read from the oldest event that garbage collection has kept emits all remaining events: %s',
      async (_name, from) => {
        const { store } = await openFilled(10, { retention: { maxEvents: 4 } });
        await store.collectGarbage();

        expect(seqNums(await readAll(store, from))).toEqual(span(7, 10));
        expect(seqNums((await readPage(store, from)).events)).toEqual(span(7, 10));
      },
    );
  });
