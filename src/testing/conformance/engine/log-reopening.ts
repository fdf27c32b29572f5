import { firstValueFrom } from 'rxjs';
import { draft, numbersOf, read, trimThrough } from '../log-fixture.ts';
import { span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';

export const describeLogReopening = ({ describe, expect, test, open }: LogSuite) =>
  describe('a reopened log', () => {
    const trimAndReopen = async (maxSeqNum: number) => {
      const before = await open();
      await before.append(
        span(1, 6).map((n) => draft(`${n}`)),
        70,
      );
      await trimThrough(before, maxSeqNum);
      await before.close();
      return open();
    };

    test('a reopened log continues with the next number and timestamp if all records were trimmed', async () => {
      const log = await trimAndReopen(6);

      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 7, latest: 6 });
      expect(await log.append([draft('7')], 3)).toEqual({ firstSeqNum: 7, timestamp: 70 });
      expect(numbersOf(await read(log))).toEqual([7]);
    });

    test('a reopened log holds the remaining records if some records were trimmed', async () => {
      const log = await trimAndReopen(4);

      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 5, latest: 6 });
      expect(numbersOf(await read(log))).toEqual([5, 6]);
      expect((await log.append([draft('7')], 3)).firstSeqNum).toBe(7);
    });

    test('a log continues its numbers if it is emptied and reopened several times', async () => {
      for (const round of span(1, 4)) {
        const log = await open();
        expect((await log.append([draft('a'), draft('b')], 0)).firstSeqNum).toBe(2 * round - 1);
        await trimThrough(log, 2 * round);
        await log.close();
      }

      expect(await firstValueFrom((await open()).bounds())).toEqual({ oldest: 9, latest: 8 });
    });
  });
