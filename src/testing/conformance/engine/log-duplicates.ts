import { firstValueFrom } from 'rxjs';
import { DuplicateIdError, type NewRecord } from '../../../index.ts';
import { draft, numbersOf, read, trimThrough } from '../log-fixture.ts';
import { contextText } from '../support/contexts.ts';
import { failureOf } from '../support/fault-paths.ts';
import { span } from '../support/requests.ts';
import type { LogSuite } from '../support/suite.ts';

const withId = (id: string, text: string): NewRecord => ({ ...draft(text), id });

export const describeLogDuplicates = ({ describe, expect, test, open, supports }: LogSuite) =>
  describe('a log that appends records with ids', () => {
    const openFilled = async () => {
      const log = await open();
      await log.append([draft('1'), { ...withId('a', '2'), key: 'k', metadata: { m: 'n' } }, draft('3')], 7);
      return log;
    };

    test('an append returns the stored record as a duplicate if the log holds the id', async () => {
      const log = await openFilled();

      const result = await log.append([{ ...withId('a', 'new'), key: 'k' }], 9);

      const duplicate = result.duplicates?.get(0);
      expect(result.seqNums).toEqual([2]);
      expect([...(result.duplicates?.keys() ?? [])]).toEqual([0]);
      expect(duplicate).toMatchObject({ seqNum: 2, timestamp: 7, operation: 'CREATE', objectType: 'Note' });
      expect(contextText(duplicate ?? {})).toBe('{"key":"k","id":"a","metadata":{"m":"n"}}');
      expect(Buffer.from(duplicate?.payload ?? []).toString()).toBe('2');
      expect(numbersOf(await read(log))).toEqual(span(1, 3));
    });

    test('an append assigns contiguous numbers to the records that are not duplicates', async () => {
      const log = await openFilled();

      const result = await log.append(
        [withId('b', '4'), { ...withId('a', '5'), key: 'k' }, draft('6'), withId('c', '7')],
        9,
      );

      expect(result.seqNums).toEqual([4, 2, 5, 6]);
      expect([...(result.duplicates?.keys() ?? [])]).toEqual([1]);
      const { records } = await read(log, { after: 3 });
      expect(records.map(({ seqNum, id, timestamp }) => [seqNum, id, timestamp])).toEqual([
        [4, 'b', 9],
        [5, undefined, 9],
        [6, 'c', 9],
      ]);
    });

    test('an append returns no duplicates if the log holds none of the ids', async () => {
      const log = await openFilled();

      expect(await log.append([withId('b', '4'), draft('5')], 9)).toEqual({ firstSeqNum: 4, timestamp: 9 });
    });

    test('an append is rejected if a record differs from the stored record with the same id', async () => {
      const log = await openFilled();

      const error = await failureOf(log.append([{ ...withId('a', '2'), key: 'l' }], 9));

      expect(error).toBeInstanceOf(DuplicateIdError);
      expect(error).toMatchObject({ id: 'a', seqNum: 2 });
      expect(await firstValueFrom(log.bounds())).toEqual({ oldest: 1, latest: 3 });
    });

    test('an append that stores nothing does not raise the timestamps of later records', async () => {
      const log = await openFilled();

      await log.append([{ ...withId('a', 'again'), key: 'k' }], 1000);
      await failureOf(log.append([withId('a', '2')], 2000));

      expect(await log.append([draft('4')], 9)).toEqual({ firstSeqNum: 4, timestamp: 9 });
    });

    test('timestamps stay in order if the clock goes back between concurrent appends', async () => {
      const log = await openFilled();

      await Promise.all([log.append([draft('4')], 20), log.append([draft('5')], 10)]);

      const { records } = await read(log, { after: 3 });
      expect(records.map(({ timestamp }) => timestamp)).toEqual([20, 20]);
    });

    if (supports.transactions) {
      test('an append in a transaction reports a duplicate if the log or the same transaction holds the id', async () => {
        const log = await openFilled();

        const results = await log.transact?.(({ append }) => [
          append([{ ...withId('a', 'new'), key: 'k' }], 9),
          append([withId('b', '4')], 9),
          append([draft('5'), withId('b', 'new')], 9),
        ]);

        expect(results?.map(({ seqNums, firstSeqNum }) => seqNums ?? firstSeqNum)).toEqual([[2], 4, [5, 4]]);
        expect(Buffer.from(results?.[2]?.duplicates?.get(1)?.payload ?? []).toString()).toBe('4');
        expect((await read(log)).records.map(({ id }) => id)).toEqual([
          undefined,
          'a',
          undefined,
          'b',
          undefined,
        ]);
        expect((await log.append([withId('b', 'new')], 9)).seqNums).toEqual([4]);
      });

      test('an append in a transaction throws if a record differs from the stored record with the same id, and the transaction can continue', async () => {
        const log = await openFilled();
        const errors: unknown[] = [];

        await log.transact?.(({ append }) => {
          append([withId('b', '4')], 9);
          for (const id of ['a', 'b']) {
            try {
              append([draft('none'), { ...withId(id, 'new'), key: 'l' }], 9);
            } catch (error) {
              errors.push(error);
            }
          }
          append([draft('5')], 9);
        });

        expect(errors.map((error) => error instanceof DuplicateIdError)).toEqual([true, true]);
        expect(errors[0]).toMatchObject({ id: 'a', seqNum: 2 });
        expect(numbersOf(await read(log))).toEqual(span(1, 5));
      });

      test('a later record can have an id from a transaction that was rolled back', async () => {
        const log = await openFilled();
        const rolledBack = async () =>
          log.transact?.(({ append }) => {
            append([withId('b', '4')], 9);
            throw new Error('rolled back');
          });

        await failureOf(rolledBack());

        expect(await log.append([{ ...withId('b', '4'), key: 'k' }], 9)).toMatchObject({ firstSeqNum: 4 });
        expect(numbersOf(await read(log))).toEqual(span(1, 4));
      });
    }

    if (!supports.exactIds) return;
    test('the log accepts a different record with a used id only after the first record with this id is deleted', async () => {
      const log = await openFilled();
      const again = { ...withId('a', 'new'), objectType: 'Other' };

      await trimThrough(log, 1);
      expect(await failureOf(log.append([again], 9))).toMatchObject({ seqNum: 2 });
      await trimThrough(log, 2);
      expect(await log.append([again], 9)).toEqual({ firstSeqNum: 4, timestamp: 9 });

      expect((await log.append([again], 9)).seqNums).toEqual([4]);
      await trimThrough(log, 3);
      expect((await log.append([again], 9)).seqNums).toEqual([4]);
    });
  });
