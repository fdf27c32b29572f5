import { EMPTY, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler, BatchProgress } from '../../../src/handling/handler.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { managed, statsWhen } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher of five events, which form one batch, with these results of its handler. */
function watcherWithResults(
  resultOf: (events: readonly Event[], call: number) => unknown,
  options: CreateWatcherOptions = {},
) {
  const batches: number[][] = [];
  const attempts: number[] = [];
  const batchHandler: BatchHandler = (events, { attempt }) => {
    batches.push(events.map(({ seqNum }) => seqNum));
    attempts.push(attempt);
    return resultOf(events, batches.length) as ReturnType<BatchHandler>;
  };
  const all = managed({ events: 5, handler: undefined, batchHandler, initialBackoff: 10, ...options });
  const outcomes: string[] = [];
  all.watcher.outcomes$.subscribe(({ seqNum, status, attempts }) =>
    outcomes.push(`${seqNum} ${status} ${attempts}`),
  );
  all.watcher.start();
  all.clock.advanceBy(0); // ends a read that finds no further event, so that the batch is delivered
  return { ...all, batches, attempts, outcomes };
}

const allHandled = [1, 2, 3, 4, 5].map((seqNum) => `${seqNum} handled 1`);

describe('a watcher with a batch handler that can return lastHandledSeqNum', () => {
  it('the events after the lastHandledSeqNum that a batch handler returns are delivered immediately as a new batch with attempt 1', () => {
    const { batches, attempts, outcomes } = watcherWithResults(([first]) => ({
      lastHandledSeqNum: (first as Event).seqNum + 1,
    }));
    expect(batches).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [5]]);
    expect(attempts).toEqual([1, 1, 1]);
    expect(outcomes).toEqual(allHandled);
  });

  it.each<[string, (lastHandledSeqNum: number) => unknown]>([
    ['the return value', (lastHandledSeqNum) => ({ lastHandledSeqNum })],
    [
      'the last value of an Observable',
      (lastHandledSeqNum) => of({ lastHandledSeqNum: 0 }, { lastHandledSeqNum }),
    ],
    ['the last value of an array', (lastHandledSeqNum) => [{ lastHandledSeqNum: 1 }, { lastHandledSeqNum }]],
  ])('a watcher reads lastHandledSeqNum from %s of its batch handler', (_name, resultOf) => {
    const { batches, outcomes } = watcherWithResults((_events, call) =>
      call === 1 ? resultOf(3) : undefined,
    );
    expect(batches).toEqual([
      [1, 2, 3, 4, 5],
      [4, 5],
    ]);
    expect(outcomes).toEqual(allHandled);
  });

  it('a watcher stores the lastHandledSeqNum from the Promise of its batch handler as its checkpoint', async () => {
    const never = new Promise(() => undefined);
    const { batches, watcher, stored } = watcherWithResults((_events, call) =>
      call === 1 ? Promise.resolve({ lastHandledSeqNum: 2 }) : never,
    );
    await statsWhen(watcher, ({ handled, lag }) => handled === 2 && lag === 3);
    expect(await stored()).toBe(2);
    expect(batches).toEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
  });

  it.each<[string, unknown]>([
    ['a lastHandledSeqNum after the batch', { lastHandledSeqNum: 99 }],
    ['a lastHandledSeqNum of Infinity', { lastHandledSeqNum: Number.POSITIVE_INFINITY }],
    ['the last number of the batch as lastHandledSeqNum', { lastHandledSeqNum: 5 }],
    ['undefined', undefined],
    ['an object without lastHandledSeqNum', { handled: 1 }],
    ['an empty Observable', EMPTY],
    ['an Observable of null', of(null)],
  ])('a watcher treats the whole batch as handled if the batch handler returns %s', (_name, result) => {
    const { batches, outcomes } = watcherWithResults(() => result);
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    expect(outcomes).toEqual(allHandled);
  });

  it.each([0, -1, Number.NaN, undefined, 'far'])(
    'an attempt at a batch fails if the batch handler returns the lastHandledSeqNum %o',
    (lastHandledSeqNum) => {
      const { batches, attempts, clock, outcomes, watcher } = watcherWithResults((_events, call) =>
        call < 3 ? { lastHandledSeqNum } : undefined,
      );
      expect(batches).toHaveLength(1);
      expect(watcher.stats().lastError).toMatchObject({ seqNum: 1, attempts: 1 });
      clock.advanceBy(9);
      expect(batches).toHaveLength(1);
      clock.advanceBy(1);
      clock.advanceBy(20);
      expect(attempts).toEqual([1, 2, 3]);
      expect(outcomes).toEqual([1, 2, 3, 4, 5].map((seqNum) => `${seqNum} handled 3`));
    },
  );

  it('the attempt count and the backoff start again for the remaining events of a partly handled batch', () => {
    const { attempts, batches, clock } = watcherWithResults((_events, call) => {
      if (call === 2) return { lastHandledSeqNum: 2 };
      throw new Error('no');
    });
    clock.advanceBy(10);
    expect(batches.slice(1)).toEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
    clock.advanceBy(10);
    expect(attempts).toEqual([1, 2, 1, 2]);
  });

  it('a watcher does not deliver the remaining events of a partly handled batch after a stop', async () => {
    const result$ = new Subject<BatchProgress>();
    const { batches, watcher, stored, outcomes } = watcherWithResults(() => result$);
    const stopped = watcher.stop();
    result$.next({ lastHandledSeqNum: 2 });
    result$.complete();
    await stopped;
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    expect(outcomes).toEqual(['1 handled 1', '2 handled 1']);
    expect(await stored()).toBe(2);
  });
});
