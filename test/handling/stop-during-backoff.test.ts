import { catchError, concat, EMPTY, retry, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RetryOptions } from '../../src/handling/retry-options.ts';
import { managed } from '../support/watcher/managed-watcher.ts';

const custom = {
  retryStrategy: (attempt, { scheduler }) =>
    attempt.pipe(
      retry({ delay: () => timer(200, scheduler) }),
      catchError(() => EMPTY),
    ),
} satisfies RetryOptions;

const strategies: readonly [string, RetryOptions][] = [
  ['block', { retryStrategy: 'block' }],
  ['skip', { retryStrategy: 'skip' }],
  ['stop', { retryStrategy: 'stop' }],
  ['deadLetter', { retryStrategy: 'deadLetter' }],
  ['a custom strategy', custom],
];

describe.each(strategies)('stop() of a watcher with retryStrategy %s', (_name, options) => {
  const failedOnce = () => {
    const parts = managed({ ...options, autoStart: true });
    parts.byHand.fail('no');
    return parts;
  };

  it('stop() ends a backoff immediately and leaves the event unprocessed', async () => {
    const { clock, watcher, byHand, store, stored } = failedOnce();
    expect(clock.timers).toBe(1);

    await watcher.stop();

    expect(clock.timers).toBe(0);
    clock.advanceBy(1_000_000);
    expect(byHand.seqNums).toEqual([1]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0, lag: 3 });
    expect(await stored()).toBe(0);
    const deadLetters: unknown[] = [];
    store.deadLetters('w').subscribe((deadLetter) => deadLetters.push(deadLetter));
    expect(deadLetters).toEqual([]);
  });

  it('stop() waits for a retry in flight, and the event counts as handled if that retry succeeds', async () => {
    const { clock, watcher, byHand, stored } = failedOnce();
    clock.advanceBy(200);
    expect(byHand.seqNums).toEqual([1, 1]);

    const stopped = watcher.stop();
    byHand.finish();
    await stopped;

    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1, skipped: 0, lag: 2 });
    expect(await stored()).toBe(1);
  });

  it('stop() waits for a retry in flight, and no other attempt follows if that retry fails', async () => {
    const { clock, watcher, byHand, stored } = failedOnce();
    clock.advanceBy(200);

    const stopped = watcher.stop();
    byHand.fail('no');
    await stopped;

    expect(clock.timers).toBe(0);
    expect(byHand.seqNums).toEqual([1, 1]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0 });
    expect(await stored()).toBe(0);
  });

  it('a start after stop() during retries begins with attempt 1 and the initial backoff', async () => {
    const { clock, manager, watcher, byHand } = failedOnce();
    clock.advanceBy(200);
    byHand.fail('no');
    await watcher.stop();

    watcher.start();
    expect(byHand.seqNums).toEqual([1, 1, 1]);
    expect(byHand.contexts.at(-1)?.attempt).toBe(1);
    byHand.fail('no');
    clock.advanceBy(199);
    expect(byHand.isBusy).toBe(false);
    clock.advanceBy(1);
    expect(byHand.isBusy).toBe(true);
    byHand.finish();
    byHand.finish();
    byHand.finish();
    await manager.stop();
    expect(watcher.stats()).toMatchObject({ handled: 3, skipped: 0, lag: 0 });
  });
});

describe('stop() of a watcher with a strategy that delays the first attempt', () => {
  it('stop() ends the delay before a first attempt without a call of the handler', async () => {
    const { clock, watcher, byHand } = managed({
      retryStrategy: (attempt, { scheduler }) => concat(timer(100, scheduler), attempt),
      autoStart: true,
    });
    await watcher.stop();
    expect(clock.timers).toBe(0);
    expect(byHand.seqNums).toEqual([]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0 });
  });
});
