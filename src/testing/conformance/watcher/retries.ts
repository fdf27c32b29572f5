import { NEVER } from 'rxjs';
import { TimeoutError } from '../../../index.ts';
import { failing, immediateRetries } from '../support/failing.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, nextOutcomes, openJobs, watchByHand } from '../support/watched.ts';

export const describeWatchingRetries = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher that retries', () => {
    test.each([0, 2])(
      'a watcher with retryStrategy skip makes one attempt and %i retries, and then continues',
      async (maxRetries) => {
        const { store, calls, watcher, outcomes$ } = await failing(open, 2, 9, {
          retryStrategy: 'skip',
          maxRetries,
        });

        expect(await nextOutcomes(outcomes$, 2)).toEqual([
          [1, 'skipped', maxRetries + 1],
          [2, 'handled', 1],
        ]);
        expect(calls).toHaveLength(maxRetries + 2);
        expect(watcher.stats()).toMatchObject({ handled: 1, skipped: 1, retries: maxRetries });
        expect(watcher.stats().lastError).toMatchObject({ attempts: maxRetries + 1, seqNum: 1 });
        await watcher.stop();
        expect(await checkpointOf(store)).toBe(2);
      },
    );

    test('a watcher with retryStrategy skip handles an event if the last retry succeeds', async () => {
      const { calls, outcomes$ } = await failing(open, 1, 2, { retryStrategy: 'skip', maxRetries: 2 });

      expect(await nextOutcomes(outcomes$, 1)).toEqual([[1, 'handled', 3]]);
      expect(calls).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
    });

    test('a watcher with retryStrategy block retries until the event is handled, and ignores maxRetries', async () => {
      const { calls, outcomes$ } = await failing(open, 2, 4, { maxRetries: 1 });

      expect(await nextOutcomes(outcomes$, 2)).toEqual([
        [1, 'handled', 5],
        [2, 'handled', 1],
      ]);
      expect(calls.map(([seqNum]) => seqNum)).toEqual([1, 1, 1, 1, 1, 2]);
    });

    test('a watcher does not retry after an error for which retryIf returns false', async () => {
      const retryIf = (error: unknown) => !String(error).includes('failure 2');
      const { outcomes$ } = await failing(open, 1, 9, { retryStrategy: 'skip', retryIf });

      expect(await nextOutcomes(outcomes$, 1)).toEqual([[1, 'skipped', 2]]);
    });

    test('an attempt that takes longer than handlerTimeout fails, and its signal is aborted', async () => {
      const store = await openJobs(open, 1);
      const signals: AbortSignal[] = [];
      const { watcher, outcomes$ } = watchByHand(store, {
        ...immediateRetries,
        handlerTimeout: 1,
        retryStrategy: 'skip',
        maxRetries: 0,
        handler(_event, { signal }) {
          signals.push(signal);
          return NEVER;
        },
      });

      expect(await nextOutcomes(outcomes$, 1)).toEqual([[1, 'skipped', 1]]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect(watcher.stats().lastError?.cause).toBeInstanceOf(TimeoutError);
    });

    test('a watcher that is stopped waits for a retry in flight', async () => {
      const store = await openJobs(open, 2);
      const { byHand, watcher, outcomes$ } = watchByHand(store, immediateRetries);
      (await byHand.attempt(1)).fail(new Error('not yet'));
      const { context, finish } = await byHand.attempt(2);

      const stopped = watcher.stop();
      expect(context.signal.aborted).toBe(false);
      finish();
      await stopped;

      expect(await nextOutcomes(outcomes$, 1)).toEqual([[1, 'handled', 2]]);
      expect(byHand.seqNums).toEqual([1, 1]);
      expect(await checkpointOf(store)).toBe(1);
    });
  });
