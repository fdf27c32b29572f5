import { EMPTY, type ObservableInput } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { asMarbles, withStore } from '../delivery/virtual-store.ts';

/** Notes how many events a batch has, and when it comes. */
function noting(now: () => number, result: () => ObservableInput<unknown> = () => EMPTY) {
  const batches: [number, ...number[]][] = [];
  const batchHandler = (events: readonly Event[]) => {
    batches.push([now(), ...events.map(({ seqNum }) => seqNum)]);
    return result();
  };
  return { batches, batchHandler };
}

describe('the batches of a watcher', () => {
  it.each<[string, WatcherOptions, number[]]>([
    ['no more than a page at once', {}, [100, 100, 50]],
    ['up to maxBatch', { maxBatch: 120 }, [120, 120, 10]],
    ['smaller than a page', { maxBatch: 30, batchSize: 50 }, [30, 30, 30, 30, 30, 30, 30, 30, 10]],
    ['over several pages', { maxBatch: 200, batchSize: 7 }, [200, 50]],
    ['no more than bufferSize', { maxBatch: 200, bufferSize: 90 }, [90, 90, 70]],
    ['one by one', { maxBatch: 200, bufferSize: 1 }, Array.from({ length: 250 }, () => 1)],
    ['all that there is', { maxBatch: 1000 }, [250]],
    ['all that there is, though it might wait', { maxBatch: 1000, maxWait: 9 }, [250]],
  ])('have in a replay what there is: %s', (_name, options, sizes) => {
    withStore(({ store, scheduler, flush }) => {
      fillUp(store, 250);
      const { batches, batchHandler } = noting(() => scheduler.now());
      watch(store, 'w', { batchHandler, ...options }).subscribe();
      flush();
      expect(batches.map(({ length }) => length - 1)).toEqual(sizes);
      expect(batches.flatMap(([, ...seqNums]) => seqNums)).toEqual(
        Array.from({ length: 250 }, (_, index) => index + 1),
      );
    })();
  });

  it(
    'have at the tail what has come, without a wait by default',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-1-3').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = noting(() => scheduler.now());
      watch(store, 'w', { batchHandler }).subscribe();
      flush();
      expect(batches).toEqual([
        [1, 1],
        [3, 2, 3, 4],
      ]);
    }),
  );

  it(
    'gather for maxWait from their first event on, however late the last one came, and keep no timer then',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-1-1--1-1').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = noting(() => scheduler.now());
      watch(store, 'w', { batchHandler, maxWait: 4, ephemeral: true }).subscribe();
      flush();
      expect(batches).toEqual([
        [5, 1, 2],
        [10, 3, 4],
      ]);
      expect(scheduler.now()).toBeLessThan(12);
    }),
  );

  it(
    'are given before maxWait when they are full',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-12-1').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = noting(() => scheduler.now());
      watch(store, 'w', { batchHandler, maxWait: 50, maxBatch: 2 }).subscribe();
      flush();
      expect(batches).toEqual([
        [2, 1, 2],
        [4, 3, 4],
      ]);
    }),
  );

  it(
    'come one at a time, and gather meanwhile what comes',
    withStore(({ store, scheduler, cold, hot, expectObservable, flush }) => {
      hot('             -1-1-1---1').subscribe((count) => fillUp(store, Number(count)));
      const expected = '    -----1---(23)';
      const { batches, batchHandler } = noting(
        () => scheduler.now(),
        () => cold('----|'),
      );

      expectObservable(watch(store, 'w', { batchHandler }).pipe(asMarbles), '^-----------!').toBe(expected);
      flush();
      expect(batches).toEqual([
        [1, 1],
        [5, 2, 3],
        [9, 4],
      ]);
    }),
  );

  it(
    'have nothing that the filter leaves out, and what it leaves out does not end their wait',
    withStore(({ store, scheduler, hot, flush }) => {
      const types: Record<string, string> = { j: 'Job', r: 'Run' };
      hot('-jrrj-jr').subscribe((letter) => fill(store, types[letter] as string));
      const { batches, batchHandler } = noting(() => scheduler.now());
      const filter = { objectTypes: ['Job'] };
      watch(store, 'w', { batchHandler, filter, maxWait: 4 }).subscribe();
      flush();
      expect(batches).toEqual([
        [5, 1, 4],
        [10, 5],
      ]);
    }),
  );
});
