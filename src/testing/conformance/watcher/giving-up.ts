import { filter, firstValueFrom, tap } from 'rxjs';
import { afterSequenceNumber, EventHandlingError } from '../../../index.ts';
import { deadLetter, deadLettersOf } from '../support/dead-letters.ts';
import { failing } from '../support/failing.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, nextOutcomes, openJobs, passed, statsIn, watchByHand } from '../support/watched.ts';

export const describeGivingUp = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher that gives events up', () => {
    test('a watcher with retryStrategy stop fails with its checkpoint before the failed event, and retries that event after the next start', async () => {
      const { store, calls, watcher } = await failing(open, 2, 2, { retryStrategy: 'stop', maxRetries: 1 });

      const { lastError } = await statsIn(watcher, 'failed');
      expect(lastError).toBeInstanceOf(EventHandlingError);
      expect(lastError).toMatchObject({ seqNum: 1, attempts: 2, cause: new Error('failure 2') });
      expect((await checkpointOf(store)) ?? 0).toBe(0);
      expect(calls).toHaveLength(2);
      watcher.start();
      await statsIn(watcher, 'failed');

      expect(calls.map(([seqNum]) => seqNum)).toEqual([1, 1, 1, 1]);
    });

    test('a watcher stores its checkpoint before it fails, so that an immediate start continues with the failed event', async () => {
      const store = await openJobs(open, 6);
      const { byHand, watcher } = watchByHand(store, { retryStrategy: 'stop', maxRetries: 0 });
      const started = firstValueFrom(
        watcher.stats$.pipe(
          filter(({ state }) => state === 'failed'),
          tap(() => watcher.start()),
        ),
      );

      await byHand.finishAttempts(1, 4);
      (await byHand.attempt(5)).fail('no');
      await started;
      await byHand.finishAttempts(6, 7);

      expect(byHand.seqNums).toEqual([1, 2, 3, 4, 5, 5, 6]);
    });

    if (!supports.deadLetters) return;
    test('a watcher with retryStrategy deadLetter stores a dead letter and moves its checkpoint, and a redrive deletes that dead letter', async () => {
      const { store, calls, manager, outcomes$ } = await failing(open, 1, 2, {
        retryStrategy: 'deadLetter',
        maxRetries: 1,
      });

      expect(await nextOutcomes(outcomes$, 1)).toEqual([[1, 'skipped', 2]]);
      expect(await checkpointOf(store)).toBe(1);
      const [deadLetter] = await deadLettersOf(store);
      expect(deadLetter).toMatchObject({ seqNum: 1, attempts: 2, event: { object: { n: 1 } } });
      expect(deadLetter?.errors[0]).toMatchObject({ name: 'Error', message: 'failure 2' });

      expect(await manager.redrive('w')).toMatchObject([{ seqNum: 1, status: 'handled', attempts: 3 }]);
      expect(calls).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
      expect(await deadLettersOf(store)).toEqual([]);
    });

    test.each(['block', 'skip', 'stop', 'deadLetter'] as const)(
      'a watcher deletes the dead letter of an event that it handles after a seek, with retryStrategy %s',
      async (retryStrategy) => {
        const store = await openJobs(open, 2);
        await store.storeDeadLetter(deadLetter(1), 2);
        await store.storeDeadLetter(deadLetter(2));
        const { byHand, watcher } = watchByHand(store, { retryStrategy });

        await watcher.seek(afterSequenceNumber(0));
        await byHand.finishAttempts(1);
        await passed(watcher, 1);

        expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }]);
        await byHand.finishAttempts(2);
      },
    );

    test('a redrive ends after the dead letter in flight when its store is closed', async () => {
      const store = await openJobs(open, 2);
      for (const seqNum of [1, 2]) await store.storeDeadLetter(deadLetter(seqNum), 2);
      const { byHand, manager } = watchByHand(store);
      const redriven = manager.redrive('w');
      const { finish } = await byHand.attempt(1);

      await store.close();
      finish();

      expect(await redriven).toMatchObject([{ seqNum: 1, status: 'handled' }]);
      expect(byHand.seqNums).toEqual([1]);
    });

    test('a redrive delivers no dead letter after the stop of its watcher has resolved', async () => {
      const store = await openJobs(open, 3);
      const options = { retryStrategy: 'deadLetter', maxRetries: 0 } as const;
      const { byHand, manager, watcher } = watchByHand(store, options);
      for (const n of [1, 2, 3]) (await byHand.attempt(n)).fail('no');
      await passed(watcher, 3);
      const redriven = manager.redrive('w');
      const { finish } = await byHand.attempt(4);

      const stopped = watcher.stop();
      finish();
      await stopped;

      expect(await redriven).toMatchObject([{ seqNum: 1, status: 'handled' }]);
      expect(byHand.seqNums).toEqual([1, 2, 3, 1]);
      expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }, { seqNum: 3 }]);
    });
  });
