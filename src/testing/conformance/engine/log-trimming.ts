import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  atSequenceNumber,
  createEventStore,
  type EventIterator,
  type EventLog,
  latest,
  SequenceTrimmedError,
  trimHorizon,
} from '../../../index.ts';
import { draft, numbersOf, read, trimThrough } from '../log-fixture.ts';
import { failureOf } from '../support/fault-paths.ts';
import { note } from '../support/note.ts';
import { readAll, readPage } from '../support/read-all.ts';
import { created, seqNums, span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

export const describeLogTrimming = ({ describe, expect, test, open }: LogSuite) =>
  describe('the method trim of a log', () => {
    /** Opens a log with ten records in two appends, and deletes the records up to `maxSeqNum`. */
    const openTrimmed = async (maxSeqNum: number) => {
      const log = await open();
      await log.append(
        span(1, 7).map((n) => draft(`${n}`)),
        1,
      );
      await log.append(
        span(8, 10).map((n) => draft(`${n}`)),
        2,
      );
      await trimThrough(log, maxSeqNum);
      return log;
    };

    test.each([
      [0, 1],
      [1, 2],
      [6, 7],
      [7, 8],
      [9, 10],
      [10, 11],
      [5000, 11],
    ])(
      'trim deletes the records up to number %i, so that %i is the oldest number',
      async (maxSeqNum, oldest) => {
        const log = await openTrimmed(maxSeqNum);

        const page = await read(log);
        expect(numbersOf(page)).toEqual(span(oldest, 10));
        expect(page).toMatchObject({ oldest, latest: 10, lastScannedSeqNum: 10 });
        expect(await firstValueFrom(log.bounds())).toEqual({ oldest, latest: 10 });
      },
    );

    test('trim returns the number of deleted records and the oldest remaining number', async () => {
      const log = await openTrimmed(2);

      expect(await trimThrough(log, 6)).toEqual({ deleted: 4, oldest: 7 });
      expect(await trimThrough(log, 6)).toEqual({ deleted: 0, oldest: 7 });
      expect(await trimThrough(log, 99)).toEqual({ deleted: 4, oldest: 11 });
    });

    test('trim to a lower number than an earlier trim does not restore records', async () => {
      const log = await openTrimmed(6);
      await trimThrough(log, 3);

      expect(numbersOf(await read(log))).toEqual(span(7, 10));
    });

    test.each([4, 10, 99])(
      'an append after a trim up to %i does not use a deleted sequence number again',
      async (maxSeqNum) => {
        const log = await openTrimmed(maxSeqNum);

        expect((await log.append([draft('11')], 3)).firstSeqNum).toBe(11);
        expect(numbersOf(await read(log, { after: 10 }))).toEqual([11]);
      },
    );

    test('trim keeps the last timestamp if all records are deleted', async () => {
      const log = await openTrimmed(10);

      expect(await log.append([draft('11')], 1)).toEqual({ firstSeqNum: 11, timestamp: 2 });
    });

    /** Deletes the records up to a sequence number that every checkpoint has passed. */
    const trimUnneeded = (log: EventLog, maxSeqNum: number) =>
      log.trim({
        maxSeqNum,
        maxTimestamp: Number.POSITIVE_INFINITY,
        respectCheckpoints: true,
        maxRecords: Number.POSITIVE_INFINITY,
      });

    test('trim keeps the records after the lowest checkpoint if the request respects checkpoints', async () => {
      const log = await openTrimmed(0);
      await log.storeCheckpoint('ahead', 9);
      await log.storeCheckpoint('slow', 4);

      expect(await trimUnneeded(log, 10)).toEqual({ deleted: 4, oldest: 5 });
      expect(await trimThrough(log, 10)).toEqual({ deleted: 6, oldest: 11 });
    });

    test('trim keeps the records after a checkpoint that has moved back since the last trim', async () => {
      const log = await openTrimmed(0);
      await log.storeCheckpoint('w', 8);
      await trimUnneeded(log, 2);
      await log.storeCheckpoint('w', 5);

      expect(await trimUnneeded(log, 7)).toEqual({ deleted: 3, oldest: 6 });
    });

    test('trim does nothing to an empty log', async () => {
      const log = await open();
      await trimThrough(log, 10);

      expect((await log.append([draft('1')], 0)).firstSeqNum).toBe(1);
    });

    const below: readonly [string, EventIterator, number][] = [
      ['atSequenceNumber(0)', atSequenceNumber(0), 0],
      ['atSequenceNumber(1)', atSequenceNumber(1), 1],
      ['atSequenceNumber(6), the last trimmed number', atSequenceNumber(6), 6],
      ['afterSequenceNumber(0)', afterSequenceNumber(0), 0],
      ['afterSequenceNumber(5), the number before the last trimmed one', afterSequenceNumber(5), 5],
    ];
    test.each(below)(
      'a read from %s fails with a SequenceTrimmedError after a trim',
      async (_name, iterator, requested) => {
        const store = createEventStore(await openTrimmed(6), {});

        for (const reading of [
          () => readAll(store, iterator),
          () => readPage(store, iterator),
          () => firstValueFrom(store.events(iterator)),
        ]) {
          const error = await failureOf(reading());
          expect(error).toBeInstanceOf(SequenceTrimmedError);
          expect(error).toMatchObject({ requested, oldest: 7 });
        }
      },
    );

    const above: readonly [string, EventIterator, readonly number[]][] = [
      ['trimHorizon()', trimHorizon(), span(7, 10)],
      ['atSequenceNumber(7), the oldest number', atSequenceNumber(7), span(7, 10)],
      ['afterSequenceNumber(6), the last trimmed number', afterSequenceNumber(6), span(7, 10)],
      ['latest()', latest(), []],
    ];
    test.each(above)(
      'after a trim, a read from %s does not fail, and emits the remaining events',
      async (_name, iterator, expected) => {
        const store = createEventStore(await openTrimmed(6), {});

        expect(seqNums(await readAll(store, iterator))).toEqual(expected);
      },
    );

    test('after a trim of all records, latest + 1 is the oldest number, and live reads continue there', async () => {
      const scheduler = new VirtualClock();
      const store = createEventStore(await openTrimmed(10), { scheduler });

      expect(await failureOf(readAll(store, afterSequenceNumber(9)))).toMatchObject({
        requested: 9,
        oldest: 11,
      });
      expect(await readAll(store)).toEqual([]);
      const readers = [trimHorizon(), latest(), afterSequenceNumber(10), atSequenceNumber(11)].map((from) =>
        note(store.events(from)),
      );
      await store.storeEvent(created(11));
      await Promise.all(readers.map((reader) => reader.has(1)));

      expect(readers.map(({ values }) => seqNums(values))).toEqual([[11], [11], [11], [11]]);
      await store.close();
    });

    test('the next page of a reader fails if a trim has deleted its position', async () => {
      const log = await openTrimmed(0);
      const store = createEventStore(log, {});
      const { nextEventIterator } = await readPage(store, trimHorizon(), { limit: 2 });

      await trimThrough(log, 5);

      expect(await failureOf(readPage(store, nextEventIterator))).toMatchObject({ requested: 2, oldest: 6 });
    });
  });
