import { firstValueFrom } from 'rxjs';
import { draft, numbersOf, read, trimThrough } from '../log-fixture.ts';
import { span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';

/** What a log that lasts still knows when it is opened again. */
export const describeLogReopening = ({ describe, expect, test, open }: LogSuite) =>
  describe('opened again', () => {
    const trimmedAndReopened = async (through: number) => {
      const before = await open();
      await before.append(
        span(1, 6).map((n) => draft(`${n}`)),
        70,
      );
      await trimThrough(before, through);
      await before.close();
      return open();
    };

    test('after everything was trimmed, it gives no number again and never sets the clock back', async () => {
      const log = await trimmedAndReopened(6);

      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 7, latest: 6 });
      expect(await log.append([draft('7')], 3)).toEqual({ firstSeqNum: 7, timestamp: 70 });
      expect(numbersOf(await read(log))).toEqual([7]);
    });

    test('after a part was trimmed, it holds the rest', async () => {
      const log = await trimmedAndReopened(4);

      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 5, latest: 6 });
      expect(numbersOf(await read(log))).toEqual([5, 6]);
      expect((await log.append([draft('7')], 3)).firstSeqNum).toBe(7);
    });

    test('again and again, emptied each time, it counts on', async () => {
      for (const round of span(1, 4)) {
        const log = await open();
        expect((await log.append([draft('a'), draft('b')], 0)).firstSeqNum).toBe(2 * round - 1);
        await trimThrough(log, 2 * round);
        await log.close();
      }

      expect(await firstValueFrom((await open()).bounds())).toEqual({ oldest: 9, latest: 8 });
    });
  });
