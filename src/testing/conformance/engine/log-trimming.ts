import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  atSequenceNumber,
  createEventStore,
  type EventIterator,
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
import { VirtualTime } from '../support/virtual-time.ts';

/** What was let go, and how a reader is told. */
export const describeLogTrimming = ({ describe, expect, test, open }: LogSuite) =>
  describe('trimming', () => {
    /** Ten records in two appends, of which as many are let go. */
    const trimmed = async (through: number) => {
      const log = await open();
      await log.append(
        span(1, 7).map((n) => draft(`${n}`)),
        1,
      );
      await log.append(
        span(8, 10).map((n) => draft(`${n}`)),
        2,
      );
      await trimThrough(log, through);
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
    ])('through %i leaves the log from %i on', async (through, oldest) => {
      const log = await trimmed(through);

      const page = await read(log);
      expect(numbersOf(page)).toEqual(span(oldest, 10));
      expect(page).toMatchObject({ oldest, latest: 10, lastScannedSeqNum: 10 });
      expect(await firstValueFrom(log.bounds())).toEqual({ oldest, latest: 10 });
    });

    test('tells how many were let go, and what is the oldest now', async () => {
      const log = await trimmed(2);

      expect(await trimThrough(log, 6)).toEqual({ deleted: 4, oldest: 7 });
      expect(await trimThrough(log, 6)).toEqual({ deleted: 0, oldest: 7 });
      expect(await trimThrough(log, 99)).toEqual({ deleted: 4, oldest: 11 });
    });

    test('twice never brings anything back', async () => {
      const log = await trimmed(6);
      await trimThrough(log, 3);

      expect(numbersOf(await read(log))).toEqual(span(7, 10));
    });

    test.each([4, 10, 99])('through %i never has a number given again', async (through) => {
      const log = await trimmed(through);

      expect((await log.append([draft('11')], 3)).firstSeqNum).toBe(11);
      expect(numbersOf(await read(log, { after: 10 }))).toEqual([11]);
    });

    test('everything does not let the clock be set back', async () => {
      const log = await trimmed(10);

      expect(await log.append([draft('11')], 1)).toEqual({ firstSeqNum: 11, timestamp: 2 });
    });

    test('of an empty log does nothing', async () => {
      const log = await open();
      await trimThrough(log, 10);

      expect((await log.append([draft('1')], 0)).firstSeqNum).toBe(1);
    });

    const below: readonly [string, EventIterator, number][] = [
      ['at 0', atSequenceNumber(0), 0],
      ['at 1', atSequenceNumber(1), 1],
      ['at the last one trimmed', atSequenceNumber(6), 6],
      ['after 0', afterSequenceNumber(0), 0],
      ['after the one before the last', afterSequenceNumber(5), 5],
    ];
    test.each(below)('makes reading from %s a SequenceTrimmedError', async (_place, iterator, requested) => {
      const store = createEventStore(await trimmed(6), {});

      for (const reading of [
        () => readAll(store, iterator),
        () => readPage(store, iterator),
        () => firstValueFrom(store.events(iterator)),
      ]) {
        const error = await failureOf(reading());
        expect(error).toBeInstanceOf(SequenceTrimmedError);
        expect(error).toMatchObject({ requested, oldest: 7 });
      }
    });

    const above: readonly [string, EventIterator, readonly number[]][] = [
      ['trim_horizon', trimHorizon(), span(7, 10)],
      ['at the oldest', atSequenceNumber(7), span(7, 10)],
      ['after the last one trimmed', afterSequenceNumber(6), span(7, 10)],
      ['latest', latest(), []],
    ];
    test.each(above)('lets reading from %s be', async (_place, iterator, expected) => {
      const store = createEventStore(await trimmed(6), {});

      expect(seqNums(await readAll(store, iterator))).toEqual(expected);
    });

    test('everything leaves latest + 1 as the oldest, from which to follow', async () => {
      const scheduler = new VirtualTime();
      const store = createEventStore(await trimmed(10), { scheduler });

      expect(await failureOf(readAll(store, afterSequenceNumber(9)))).toMatchObject({
        requested: 9,
        oldest: 11,
      });
      expect(await readAll(store)).toEqual([]);
      const followers = [trimHorizon(), latest(), afterSequenceNumber(10), atSequenceNumber(11)].map((from) =>
        note(store.events(from)),
      );
      await store.storeEvent(created(11));
      await Promise.all(followers.map((follower) => follower.has(1)));

      expect(followers.map(({ values }) => seqNums(values))).toEqual([[11], [11], [11], [11]]);
      await store.close();
    });

    test('under a reader that goes on by number is told to it', async () => {
      const log = await trimmed(0);
      const store = createEventStore(log, {});
      const { nextEventIterator } = await readPage(store, trimHorizon(), { limit: 2 });

      await trimThrough(log, 5);

      expect(await failureOf(readPage(store, nextEventIterator))).toMatchObject({ requested: 2, oldest: 6 });
    });
  });
