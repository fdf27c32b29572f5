import { catchError, concat, EMPTY, retry, timer } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RetryOptions } from '../../src/handling/retry-options.ts';
import { managed } from '../watcher/managed.ts';

const own = {
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
  ['a strategy of your own', own],
];

describe.each(strategies)('a stop of a watcher under %s', (_name, options) => {
  const failedOnce = () => {
    const parts = managed({ ...options, autoStart: true });
    parts.byHand.fail('no');
    return parts;
  };

  it('ends the wait for the next attempt at once, and the event is as if nobody had seen it', async () => {
    const { clock, watcher, byHand, store, stored } = failedOnce();
    expect(clock.timers).toBe(1);

    await watcher.stop();

    expect(clock.timers).toBe(0);
    clock.advanceBy(1_000_000);
    expect(byHand.seqNums).toEqual([1]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0, lag: 3 });
    expect(await stored()).toBe(0);
    const letters: unknown[] = [];
    store.deadLetters('w').subscribe((letter) => letters.push(letter));
    expect(letters).toEqual([]);
  });

  it('lets an attempt in flight finish: its success counts', async () => {
    const { clock, watcher, byHand, stored } = failedOnce();
    clock.advanceBy(200);
    expect(byHand.seqNums).toEqual([1, 1]);

    const stopped = watcher.stop();
    byHand.finish();
    await stopped;

    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1, skipped: 0, lag: 2 });
    expect(await stored()).toBe(1);
  });

  it('lets an attempt in flight finish: behind its failure there is no other', async () => {
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

  it('is followed by a start that begins with the event, its first attempt and the first delay', async () => {
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

describe('a stop while a strategy waits before the first attempt', () => {
  it('ends the wait, and the handler is never called', async () => {
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
