import {
  type EventContext,
  type EventFilter,
  type EventLog,
  type NewRecord,
  partitionOf,
} from '../../../index.ts';
import { draft, numbersOf, read } from '../log-fixture.ts';
import { contexts, contextText } from '../support/contexts.ts';
import { span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';

const withContext = (n: number, context: EventContext): NewRecord => ({ ...draft(`${n}`), ...context });

export const describeLogFiltering = ({ describe, expect, test, open }: LogSuite) => {
  describe('a record with a context', () => {
    test('a record is read with the same key, id and metadata with which it was appended', async () => {
      const log = await open();
      const records = contexts.flatMap(([, context], n) => [draft(`${n}`), withContext(n, context)]);

      await log.append(records, 0);

      expect((await read(log)).records.map(contextText)).toEqual(records.map(contextText));
    });
  });

  describe('a filter on keys or partitions', () => {
    /**
     * Keys of successive records, which repeat after the sixth record. `plumless` and `buckeroo` have the same CRC-32, so an
     * engine that compares only checksums fails.
     */
    const KEYS = ['a', 'b', undefined, 'a\0', 'plumless', 'buckeroo'];
    const keyOf = (n: number) => KEYS[n % KEYS.length];

    /** Opens a log of 40 records in three appends. Every sixth record has no key. */
    const openFilled = async () => {
      const log = await open();
      const records = span(1, 40).map((n) => {
        const key = keyOf(n);
        return withContext(n, key === undefined ? {} : { key });
      });
      await log.append(records.slice(0, 15), 0);
      await log.append(records.slice(15, 16), 0);
      await log.append(records.slice(16), 0);
      return log;
    };

    /** Reads page after page to the last record. Returns the sequence numbers of all records that the pages contain. */
    const readPages = async (
      log: EventLog,
      request: { after: number; limit: number; filter: EventFilter },
    ) => {
      const found: number[] = [];
      for (let { after } = request; after < 40; ) {
        const page = await read(log, { ...request, after });
        expect(page.records.length).toBeLessThanOrEqual(request.limit);
        // Only the last page may have fewer records than its limit.
        if (page.lastScannedSeqNum < 40) expect(page.records.length).toBe(request.limit);
        expect(page.lastScannedSeqNum).toBeGreaterThan(after);
        found.push(...numbersOf(page));
        after = page.lastScannedSeqNum;
      }
      return found;
    };

    test.each<[string, EventFilter, (key: string | undefined) => boolean]>([
      ['one key', { keys: ['b'] }, (key) => key === 'b'],
      ['two keys', { keys: ['a', 'a\0'] }, (key) => key === 'a' || key === 'a\0'],
      ['a key with the CRC-32 of another key', { keys: ['buckeroo'] }, (key) => key === 'buckeroo'],
      ['a missing key', { keys: ['c'] }, () => false],
      ...span(0, 2).map((index): [string, EventFilter, (key: string | undefined) => boolean] => [
        `partition ${index} of 3`,
        { partition: { index, count: 3 } },
        (key) => partitionOf(key ?? '', 3) === index,
      ]),
    ])(
      'a filter on keys or partitions matches the same records in reads with any limits: %s',
      async (_name, filter, isMatch) => {
        const log = await openFilled();
        const expected = span(1, 40).filter((n) => isMatch(keyOf(n)));

        for (const after of [0, 3, 16]) {
          for (const maxScanned of [1, 7, 100]) {
            const end = Math.min(40, after + maxScanned);
            const page = await read(log, { after, maxScanned, filter });
            expect(numbersOf(page)).toEqual(expected.filter((n) => n > after && n <= end));
            expect(page.lastScannedSeqNum).toBe(end);
          }
          for (const limit of [1, 3]) {
            expect(await readPages(log, { after, limit, filter })).toEqual(expected.filter((n) => n > after));
          }
        }
      },
    );
  });
};
