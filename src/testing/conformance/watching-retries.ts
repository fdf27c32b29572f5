import { asyncScheduler, NEVER } from 'rxjs';
import { EventHandlingError, TimeoutError, type WatchOptions } from '../../index.ts';
import { lettersOf } from './letters.ts';
import type { StoreSuite } from './suite.ts';
import { checkpointOf, fates, openJobs, statsIn, watchByHand } from './watched.ts';

/** Retries without a delay, on a clock that runs. */
const atOnce: WatchOptions = { scheduler: asyncScheduler, initialBackoff: 0 };

/** What becomes of events that cannot be handled, on the store under test. */
export const describeWatchingRetries = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a watcher whose handler fails', () => {
    /** A watcher of so many jobs whose handler fails the first, so many times. */
    const failing = async (jobs: number, times: number, options: WatchOptions) => {
      const store = await openJobs(open, jobs);
      const calls: (readonly [number, number])[] = [];
      const watched = watchByHand(store, {
        ...atOnce,
        ...options,
        handler({ seqNum }, { attempt }) {
          calls.push([seqNum, attempt]);
          if (seqNum === 1 && attempt <= times) throw new Error(`failure ${attempt}`);
        },
      });
      return { store, calls, ...watched };
    };

    test.each([0, 2])('with skip makes the attempt and %i retries, and goes on', async (maxRetries) => {
      const { store, calls, watcher, outcomes$ } = await failing(2, 9, { retryStrategy: 'skip', maxRetries });

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
      const { calls, outcomes$ } = await failing(1, 2, { retryStrategy: 'skip', maxRetries: 2 });

      expect(await fates(outcomes$, 1)).toEqual([[1, 'handled', 3]]);
      expect(calls).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
    });

    test('with block tries until it succeeds, whatever maxRetries says, and hands nothing else over', async () => {
      const { calls, outcomes$ } = await failing(2, 4, { maxRetries: 1 });

      expect(await fates(outcomes$, 2)).toEqual([
        [1, 'handled', 5],
        [2, 'handled', 1],
      ]);
      expect(calls.map(([seqNum]) => seqNum)).toEqual([1, 1, 1, 1, 1, 2]);
    });

    test('with stop fails before the event, which it is given again after a new start', async () => {
      const { store, calls, watcher } = await failing(2, 2, { retryStrategy: 'stop', maxRetries: 1 });

      const { lastError } = await statsIn(watcher, 'failed');
      expect(lastError).toBeInstanceOf(EventHandlingError);
      expect(lastError).toMatchObject({ seqNum: 1, attempts: 2, cause: new Error('failure 2') });
      expect((await checkpointOf(store)) ?? 0).toBe(0);
      expect(calls).toHaveLength(2);
      watcher.start();
      await statsIn(watcher, 'failed');

      expect(calls.map(([seqNum]) => seqNum)).toEqual([1, 1, 1, 1]);
    });

    test('tries nothing again that retryIf finds not worth it', async () => {
      const retryIf = (error: unknown) => !String(error).includes('failure 2');
      const { outcomes$ } = await failing(1, 9, { retryStrategy: 'skip', retryIf });

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

    if (!supports.deadLetters) return;
    test('with deadLetter has the event kept, and the checkpoint past it, until a redrive succeeds', async () => {
      const { store, calls, manager, outcomes$ } = await failing(1, 2, {
        retryStrategy: 'deadLetter',
        maxRetries: 1,
      });

      expect(await fates(outcomes$, 1)).toEqual([[1, 'skipped', 2]]);
      expect(await checkpointOf(store)).toBe(1);
      const [kept] = await lettersOf(store);
      expect(kept).toMatchObject({ seqNum: 1, attempts: 2, event: { object: { n: 1 } } });
      expect(kept?.errors[0]).toMatchObject({ name: 'Error', message: 'failure 2' });

      expect(await manager.redrive('w')).toMatchObject([{ seqNum: 1, status: 'handled', attempts: 3 }]);
      expect(calls).toEqual([
        [1, 1],
        [1, 2],
        [1, 3],
      ]);
      expect(await lettersOf(store)).toEqual([]);
    });
  });
