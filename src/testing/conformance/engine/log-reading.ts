import { firstValueFrom, map, mergeMap, takeWhile, toArray } from 'rxjs';
import { draft, numbersOf, only, read, trimThrough } from '../log-fixture.ts';
import { span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';

export const describeLogReading = ({ describe, expect, test, open }: LogSuite) =>
  describe('a log that is read', () => {
    /** Opens a log with ten records in three appends; records 3, 6 and 9 have the object type `Rare`. */
    const openFilled = async () => {
      const log = await open();
      const drafts = span(1, 10).map((n) => draft(`${n}`, n % 3 === 0 ? 'Rare' : 'Note'));
      await log.append(drafts.slice(0, 4), 1);
      await log.append(drafts.slice(4, 5), 2);
      await log.append(drafts.slice(5), 3);
      return log;
    };

    test('a read of an empty log returns no records, and the bounds oldest 1 and latest 0', async () => {
      const log = await open();

      expect(await read(log)).toEqual({ records: [], lastScannedSeqNum: 0, oldest: 1, latest: 0 });
      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 1, latest: 0 });
    });

    test('a read returns each record as it was appended', async () => {
      const log = await open();
      const written = draft('text', 'Note', 'UPDATE');

      expect(await log.append([written, draft('')], 42)).toEqual({ firstSeqNum: 1, timestamp: 42 });
      const { records } = await read(log);

      expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['text', '']);
      expect(records[0]).toMatchObject({ seqNum: 1, timestamp: 42, operation: 'UPDATE', objectType: 'Note' });
    });

    test.each([
      [0, span(1, 10)],
      [3, span(4, 10)],
      [9, [10]],
      [10, []],
    ])('a read with after: %i returns the records from the next number on', async (after, expected) => {
      const page = await read(await openFilled(), { after });

      expect(numbersOf(page)).toEqual(expected);
      expect(page).toMatchObject({ lastScannedSeqNum: 10, oldest: 1, latest: 10 });
    });

    test('a read returns its start position as lastScannedSeqNum if no record follows that position', async () => {
      expect(await read(await openFilled(), { after: 70 })).toMatchObject({
        records: [],
        lastScannedSeqNum: 70,
      });
    });

    test.each(span(1, 11))('a read scans at most maxScanned records: %i', async (maxScanned) => {
      const log = await openFilled();

      for (const after of [0, 2, 4]) {
        const end = Math.min(10, after + maxScanned);
        const page = await read(log, { after, maxScanned });
        expect(numbersOf(page)).toEqual(span(after + 1, end));
        expect(page.lastScannedSeqNum).toBe(end);

        const filtered = await read(log, { after, maxScanned, filter: only('Rare') });
        expect(numbersOf(filtered)).toEqual([3, 6, 9].filter((n) => n > after && n <= end));
        expect(filtered.lastScannedSeqNum).toBe(end);

        expect(await read(log, { after, maxScanned, filter: only('Missing') })).toMatchObject({
          records: [],
          lastScannedSeqNum: end,
        });
      }
    });

    test.each(span(1, 4))(
      'a read returns at most limit records, and scans no record after the last returned record: %i',
      async (limit) => {
        const log = await openFilled();

        expect(await read(log, { limit })).toMatchObject({ lastScannedSeqNum: limit });
        const filtered = await read(log, { limit, filter: only('Rare') });
        expect(numbersOf(filtered)).toEqual([3, 6, 9].slice(0, limit));
        expect(filtered.lastScannedSeqNum).toBe(limit > 3 ? 10 : 3 * limit);
      },
    );

    test('a read ends the page when the payloads have at least maxBytes bytes', async () => {
      const log = await open();
      await log.append(
        span(1, 6).map(() => draft('12345')),
        0,
      );

      expect(numbersOf(await read(log, { maxBytes: 1 }))).toEqual([1]);
      expect(numbersOf(await read(log, { maxBytes: 10 }))).toEqual([1, 2]);
      expect(numbersOf(await read(log, { maxBytes: 11 }))).toEqual([1, 2, 3]);
      expect((await read(log, { maxBytes: 11 })).lastScannedSeqNum).toBe(3);
    });

    test('a read returns payloads that later writes do not change', async () => {
      const log = await open();
      for (const n of span(1, 20)) await log.append([draft(`text ${n}`)], 0);

      const { records } = await read(log);
      await trimThrough(log, 20);
      for (const _ of span(1, 20))
        await log.append(
          span(1, 20).map(() => draft('x'.repeat(50))),
          0,
        );

      expect(records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(
        span(1, 20).map((n) => `text ${n}`),
      );
    });

    test('bounds() emits the current bounds at each subscription', async () => {
      const log = await open();
      const bounds = log.bounds();
      await log.append([draft('1')], 0);
      expect(await firstValueFrom(bounds)).toEqual({ oldest: 1, latest: 1 });
      await log.append([draft('2')], 0);
      expect(await firstValueFrom(bounds)).toEqual({ oldest: 1, latest: 2 });
    });

    test('a read returns the new records when appended$ emits', async () => {
      const log = await open();
      const pages = firstValueFrom(
        log.appended$.pipe(
          mergeMap(() => log.read({ after: 0, filter: undefined, maxScanned: 99, limit: 99, maxBytes: 99 })),
          map(numbersOf),
          takeWhile((numbers) => numbers.length < 3, true),
          toArray(),
        ),
      );

      await log.append([draft('1'), draft('2')], 0);
      await log.append([draft('3')], 0);

      expect((await pages).at(-1)).toEqual([1, 2, 3]);
      expect((await pages).every((numbers) => numbers.length > 0)).toBe(true);
    });
  });
