import { NEVER } from 'rxjs';
import { TimeoutError } from '../../../index.ts';
import { atOnce, failing } from '../support/failing.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, fates, openJobs, watchByHand } from '../support/watched.ts';

/** What becomes of events that cannot be handled, on the store under test. */
export const describeWatchingRetries = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher whose handler fails', () => {
    test.each([0, 2])('with skip makes the attempt and %i retries, and goes on', async (maxRetries) => {
      const { store, calls, watcher, outcomes$ } = await failing(open, 2, 9, {
        retryStrategy: 'skip',
        maxRetries,
      });

      expect(await fates(outcomes$, 2)).toEqual([
        [1, 'skipped', maxRetries + 1],
        [2, 'handled', 1],
      ]);
      expect(calls).toHaveLength(maxRetries + 2);
      expect(watcher.stats()).toMatchObject({ handled: 1, skipped: 1, retries: maxRetries });
      expect(watcher.stats().lastError).toMatchObject({ attempts: maxRetries + 1, seqNum: 1 });
      await watcher.stop();
      expect(await checkpointOf(store)).toBe(2);
    });

    test('with skip that has a retry left succeeds with it', async () => {
      const { calls, outcomes$ } = await failing(open, 1, 2, { retryStrategy: 'skip', maxRetries: 2 });

      expect(await fates(outcomes$, 1)).toEqual([[1, 'handled', 3]]);
      expect(calls).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
    });

    test('with block tries until it succeeds, whatever maxRetries says, and hands nothing else over', async () => {
      const { calls, outcomes$ } = await failing(open, 2, 4, { maxRetries: 1 });

      expect(await fates(outcomes$, 2)).toEqual([
        [1, 'handled', 5],
        [2, 'handled', 1],
      ]);
      expect(calls.map(([seqNum]) => seqNum)).toEqual([1, 1, 1, 1, 1, 2]);
    });

    test('tries nothing again that retryIf finds not worth it', async () => {
      const retryIf = (error: unknown) => !String(error).includes('failure 2');
      const { outcomes$ } = await failing(open, 1, 9, { retryStrategy: 'skip', retryIf });

      expect(await fates(outcomes$, 1)).toEqual([[1, 'skipped', 2]]);
    });

    test('fails an attempt that takes longer than handlerTimeout, and aborts its signal', async () => {
      const store = await openJobs(open, 1);
      const signals: AbortSignal[] = [];
      const { watcher, outcomes$ } = watchByHand(store, {
        ...atOnce,
        handlerTimeout: 1,
        retryStrategy: 'skip',
        maxRetries: 0,
        handler(_event, { signal }) {
          signals.push(signal);
          return NEVER;
        },
      });

      expect(await fates(outcomes$, 1)).toEqual([[1, 'skipped', 1]]);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect(watcher.stats().lastError?.cause).toBeInstanceOf(TimeoutError);
    });

    test('that is stopped lets a retry finish that is under way', async () => {
      const store = await openJobs(open, 2);
      const { byHand, watcher, outcomes$ } = watchByHand(store, atOnce);
      (await byHand.attempt(1)).fail(new Error('not yet'));
      const { context, finish } = await byHand.attempt(2);

      const stopped = watcher.stop();
      expect(context.signal.aborted).toBe(false);
      finish();
      await stopped;

      expect(await fates(outcomes$, 1)).toEqual([[1, 'handled', 2]]);
      expect(byHand.seqNums).toEqual([1, 1]);
      expect(await checkpointOf(store)).toBe(1);
    });
  });
