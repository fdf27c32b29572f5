import { firstValueFrom, throwError, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { managed, statsWhen } from '../../support/watcher/managed-watcher.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

/** Creates a batch handler that records its batches, and fails for a batch that contains one of the given events. */
function failingAt(...failing: readonly number[]) {
  const batches: number[][] = [];
  const batchHandler = (events: readonly Event[]) => {
    batches.push(events.map(({ seqNum }) => seqNum));
    const found = events.find(({ seqNum }) => failing.includes(seqNum));
    if (found !== undefined) throw new Error(`failing event ${found.seqNum}`);
  };
  return { batches, batchHandler };
}

/** Starts a watcher of five events, which form one batch. */
function watcherOf(options: CreateWatcherOptions) {
  const all = managed({ events: 5, handler: undefined, checkpoint: 'auto', ...options });
  const outcomes: string[] = [];
  all.watcher.outcomes$.subscribe(({ status, seqNum, attempts }) =>
    outcomes.push(`${seqNum} ${status} ${attempts}`),
  );
  all.watcher.start();
  all.clock.advanceBy(0); // ends a read that finds no further event, so that the batch is delivered
  return { ...all, outcomes };
}

describe('a watcher with a batch handler that fails', () => {
  it('a watcher with retryStrategy skip delivers a failed batch event by event, and skips only the events that fail again', () => {
    const { batches, batchHandler } = failingAt(2, 4);
    const { outcomes } = watcherOf({ batchHandler, retryStrategy: 'skip', maxRetries: 0 });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2], [3], [4], [5]]);
    expect(outcomes).toEqual(['1 handled 1', '2 skipped 1', '3 handled 1', '4 skipped 1', '5 handled 1']);
  });

  it('a watcher with retryStrategy deadLetter delivers a failed batch event by event, and stores dead letters only of events that fail again', async () => {
    const { batchHandler } = failingAt(2, 4);
    const { store, watcher } = watcherOf({ batchHandler, retryStrategy: 'deadLetter', maxRetries: 0 });
    expect((await statsWhen(watcher, ({ skipped }) => skipped === 2)).state).toBe('running');
    expect((await statsWhen(watcher, ({ handled }) => handled === 3)).state).toBe('running');
    const deadLetters = await firstValueFrom(store.deadLetters('w').pipe(toArray()));
    expect(deadLetters.map(({ seqNum }) => seqNum)).toEqual([2, 4]);
  });

  it('a watcher with retryStrategy stop delivers a failed batch event by event, and fails at the event that fails again', async () => {
    const { batches, batchHandler } = failingAt(3);
    const { outcomes, watcher, stored } = watcherOf({ batchHandler, retryStrategy: 'stop', maxRetries: 0 });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2], [3]]);
    expect(outcomes).toEqual(['1 handled 1', '2 handled 1']);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 3, attempts: 1 } });
    await nextTurn();
    expect(await stored()).toBe(2);
  });

  it('a watcher delivers a failed batch event by event if a custom retry strategy errors', () => {
    const { batches, batchHandler } = failingAt(2);
    const { watcher } = watcherOf({ batchHandler, retryStrategy: (attempt) => attempt });
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1], [2]]);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 2 } });
  });

  it('a watcher makes all retries of a whole batch before the retries of each single event', () => {
    const { batches, batchHandler } = failingAt(2);
    const { clock, outcomes } = watcherOf({
      batchHandler,
      retryStrategy: 'skip',
      maxRetries: 1,
      initialBackoff: 10,
    });
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    clock.advanceBy(10);
    expect(batches).toEqual([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [1], [2]]);
    clock.advanceBy(10);
    expect(batches.slice(4)).toEqual([[2], [3], [4], [5]]);
    expect(outcomes).toEqual(['1 handled 1', '2 skipped 2', '3 handled 1', '4 handled 1', '5 handled 1']);
  });

  it('with retryStrategy block, a watcher retries a batch without a limit, unless retryIf returns false', () => {
    const { batches, batchHandler } = failingAt(2);
    const { clock, watcher } = watcherOf({ batchHandler, maxRetries: 0, initialBackoff: 1, maxBackoff: 1 });
    clock.advanceBy(5);
    expect(batches).toEqual(Array.from({ length: 6 }, () => [1, 2, 3, 4, 5]));
    expect(watcher.stats()).toMatchObject({ state: 'running', retries: 5, handled: 0 });

    const other = failingAt(2);
    const fatal = watcherOf({ batchHandler: other.batchHandler, retryIf: () => false });
    expect(other.batches).toEqual([[1, 2, 3, 4, 5], [1], [2]]);
    expect(fatal.watcher.stats()).toMatchObject({ state: 'failed', handled: 1, lastError: { seqNum: 2 } });
  });

  it(
    'a watcher does not deliver the event of a failed batch of one event again',
    withStore(({ store, expectObservable, flush }) => {
      fillUp(store, 1);
      let calls = 0;
      const batchHandler = () => {
        calls++;
        return throwError(() => 'no');
      };
      const options = { batchHandler, retryStrategy: 'skip', maxRetries: 0 } as const;
      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe('a');
      flush();
      expect(calls).toBe(1);
    }),
  );
});
