import { firstValueFrom } from 'rxjs';
import { type EventLog, InvalidRequestError, LeaseLostError, type LogTransaction } from '../../../index.ts';
import { draft, numbersOf, read } from '../log-fixture.ts';
import { failureOf } from '../support/fault-paths.ts';
import type { LogSuite } from '../support/suite.ts';

/** Calls a function in a transaction of an engine that has transactions. */
const transact = async <R>(log: EventLog, work: (transaction: LogTransaction) => R): Promise<R | undefined> =>
  log.transact?.(work);

const checkpointOf = (log: EventLog) => firstValueFrom(log.getCheckpoint('w'));

export const describeLogTransactions = ({ describe, expect, test, open }: LogSuite) =>
  describe('the method transaction of a log', () => {
    test('a transaction stores records and checkpoints together, and returns the result of its function', async () => {
      const log = await open();
      await log.append([draft('1')], 5);

      const result = await transact(log, ({ append, storeCheckpoint }) => {
        const first = append([draft('2'), draft('3')], 7);
        storeCheckpoint('w', 1);
        return [first, append([draft('4')], 6)];
      });

      expect(result).toEqual([
        { firstSeqNum: 2, timestamp: 7 },
        { firstSeqNum: 4, timestamp: 7 },
      ]);
      expect(numbersOf(await read(log))).toEqual([1, 2, 3, 4]);
      expect(await checkpointOf(log)).toBe(1);
      expect(await log.append([draft('5')], 1)).toEqual({ firstSeqNum: 5, timestamp: 7 });
    });

    test('a transaction stores nothing if its function throws, and the next append gets its sequence numbers', async () => {
      const log = await open();
      await log.storeCheckpoint('w', 0);
      const thrown = new Error('no');

      const failure = await failureOf(
        transact(log, ({ append, storeCheckpoint }) => {
          append([draft('1')], 9);
          storeCheckpoint('w', 1);
          throw thrown;
        }),
      );

      expect(failure).toBe(thrown);
      expect(await checkpointOf(log)).toBe(0);
      expect(numbersOf(await read(log))).toEqual([]);
      expect(await log.append([draft('1')], 2)).toEqual({ firstSeqNum: 1, timestamp: 2 });
    });

    test('the function of a transaction can read checkpoints synchronously, but not the records that the transaction stores', async () => {
      const log = await open();
      await log.storeCheckpoint('w', 4);
      let found: unknown;
      let latest: unknown;

      await transact(log, ({ append }) => {
        append([draft('1')], 0);
        log.getCheckpoint('w').subscribe((checkpoint) => {
          found = checkpoint;
        });
        log.bounds().subscribe((bounds) => {
          latest = bounds.latest;
        });
      });

      expect([found, latest]).toEqual([4, 0]);
    });

    test('a transaction makes appended$ emit after the commit, and not after a rollback', async () => {
      const log = await open();
      const emitted: number[] = [];
      log.appended$.subscribe(() => {
        log.bounds().subscribe(({ latest }) => emitted.push(latest));
      });

      await failureOf(
        transact(log, ({ append }) => {
          append([draft('1')], 0);
          throw new Error('no');
        }),
      );
      expect(emitted).toEqual([]);
      await transact(log, ({ append }) => {
        append([draft('1')], 0);
        expect(emitted).toEqual([]);
      });
      expect(emitted.at(-1)).toBe(1);
    });

    test.each<[string, (log: EventLog) => unknown]>([
      ['append', (log) => log.append([draft('2')], 0)],
      ['storeCheckpoint', (log) => log.storeCheckpoint('w', 1)],
      ['deleteCheckpoint', (log) => log.deleteCheckpoint('w')],
      ['transact', (log) => log.transact?.(() => undefined)],
    ])('a call of %s of the log is rejected inside the function of a transaction', async (_name, write) => {
      const log = await open();
      let written: Promise<unknown> | undefined;

      await transact(log, ({ append }) => {
        append([draft('1')], 0);
        written = failureOf((async () => write(log))());
      });

      expect(await written).toBeInstanceOf(InvalidRequestError);
      expect(numbersOf(await read(log))).toEqual([1]);
      expect(await checkpointOf(log)).toBeUndefined();
    });

    test('a transaction is rolled back if it writes with a fencing token that is not the newest token', async () => {
      const log = await open();
      if (log.leases === undefined) return;
      await log.storeCheckpoint('w', 0);
      await log.leases.store('w', { owner: 'me', token: 2 }, 0);
      const writeUnder = (fence: number) =>
        transact(log, ({ append, storeCheckpoint, deleteDeadLetter }) => {
          append([draft('1')], 0);
          storeCheckpoint('w', 1, fence);
          if (log.deadLetters !== undefined) deleteDeadLetter('w', 1, fence);
        });

      for (const fence of [1, 3]) expect(await failureOf(writeUnder(fence))).toBeInstanceOf(LeaseLostError);
      expect(await checkpointOf(log)).toBe(0);
      expect(numbersOf(await read(log))).toEqual([]);
      await writeUnder(2);
      expect(await checkpointOf(log)).toBe(1);
      expect(numbersOf(await read(log))).toEqual([1]);
    });

    test('a transaction deletes dead letters when it commits', async () => {
      const log = await open();
      const { deadLetters } = log;
      if (deadLetters === undefined) return;
      const seqNums = async () => (await firstValueFrom(deadLetters.read('w'))).map(({ seqNum }) => seqNum);
      await log.append([draft('1'), draft('2')], 0);
      for (const seqNum of [1, 2]) await deadLetters.store({ watcherId: 'w', seqNum, details: '{}' });

      await failureOf(
        transact(log, ({ deleteDeadLetter }) => {
          deleteDeadLetter('w', 1);
          throw new Error('no');
        }),
      );
      expect(await seqNums()).toEqual([1, 2]);
      await transact(log, ({ deleteDeadLetter }) => deleteDeadLetter('w', 1));
      expect(await seqNums()).toEqual([2]);
    });
  });
