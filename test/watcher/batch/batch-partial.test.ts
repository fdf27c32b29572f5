import { EMPTY, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler, BatchProgress } from '../../../src/handling/handler.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { managed, statsWhen } from '../managed.ts';

/** A watcher of five events that come in one batch, whose handler answers like this. */
function answering(
  answer: (events: readonly Event[], call: number) => unknown,
  options: CreateWatcherOptions = {},
) {
  const batches: number[][] = [];
  const attempts: number[] = [];
  const batchHandler: BatchHandler = (events, { attempt }) => {
    batches.push(events.map(({ seqNum }) => seqNum));
    attempts.push(attempt);
    return answer(events, batches.length) as ReturnType<BatchHandler>;
  };
  const all = managed({ events: 5, handler: undefined, batchHandler, initialBackoff: 10, ...options });
  const told: string[] = [];
  all.watcher.outcomes$.subscribe(({ seqNum, status, attempts }) =>
    told.push(`${seqNum} ${status} ${attempts}`),
  );
  all.watcher.start();
  all.clock.advanceBy(0); // it looks whether there are more
  return { ...all, batches, attempts, told };
}

const allHandled = [1, 2, 3, 4, 5].map((seqNum) => `${seqNum} handled 1`);

describe('a batch handler that says how far it came', () => {
  it('is given the rest alone, at once, as a first attempt, and what it has handled is told', () => {
    const { batches, attempts, told } = answering(([first]) => ({
      lastHandledSeqNum: (first as Event).seqNum + 1,
    }));
    expect(batches).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [5]]);
    expect(attempts).toEqual([1, 1, 1]);
    expect(told).toEqual(allHandled);
  });

  it.each<[string, (lastHandledSeqNum: number) => unknown]>([
    ['by what it returns', (lastHandledSeqNum) => ({ lastHandledSeqNum })],
    [
      'by an Observable, whose last value counts',
      (lastHandledSeqNum) => of({ lastHandledSeqNum: 0 }, { lastHandledSeqNum }),
    ],
    [
      'by an array, whose last value counts',
      (lastHandledSeqNum) => [{ lastHandledSeqNum: 1 }, { lastHandledSeqNum }],
    ],
  ])('may say so %s', (_name, say) => {
    const { batches, told } = answering((_events, call) => (call === 1 ? say(3) : undefined));
    expect(batches).toEqual([
      [1, 2, 3, 4, 5],
      [4, 5],
    ]);
    expect(told).toEqual(allHandled);
  });

  it('may say so by a Promise, and the checkpoint is behind what it has handled, not further', async () => {
    const never = new Promise(() => undefined);
    const { batches, watcher, stored } = answering((_events, call) =>
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
    ['too far', { lastHandledSeqNum: 99 }],
    ['infinitely far', { lastHandledSeqNum: Number.POSITIVE_INFINITY }],
    ['to the end', { lastHandledSeqNum: 5 }],
    ['nothing', undefined],
    ['something else', { handled: 1 }],
    ['nothing in an Observable', EMPTY],
    ['null in an Observable', of(null)],
  ])('has handled all if it says %s', (_name, answer) => {
    const { batches, told } = answering(() => answer);
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    expect(told).toEqual(allHandled);
  });

  it.each([0, -1, Number.NaN, undefined, 'far'])(
    'has failed if it handled nothing: %s',
    (lastHandledSeqNum) => {
      const { batches, attempts, clock, told, watcher } = answering((_events, call) =>
        call < 3 ? { lastHandledSeqNum } : undefined,
      );
      expect(batches).toHaveLength(1);
      expect(watcher.stats().lastError).toMatchObject({ seqNum: 1, attempts: 1 });
      clock.advanceBy(9);
      expect(batches).toHaveLength(1);
      clock.advanceBy(1);
      clock.advanceBy(20);
      expect(attempts).toEqual([1, 2, 3]);
      expect(told).toEqual([1, 2, 3, 4, 5].map((seqNum) => `${seqNum} handled 3`));
    },
  );

  it('starts its attempts, and its backoff, afresh for the rest', () => {
    const { attempts, batches, clock } = answering((_events, call) => {
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

  it('is not asked about the rest any more by a stop', async () => {
    const answer$ = new Subject<BatchProgress>();
    const { batches, watcher, stored, told } = answering(() => answer$);
    const stopped = watcher.stop();
    answer$.next({ lastHandledSeqNum: 2 });
    answer$.complete();
    await stopped;
    expect(batches).toEqual([[1, 2, 3, 4, 5]]);
    expect(told).toEqual(['1 handled 1', '2 handled 1']);
    expect(await stored()).toBe(2);
  });
});
