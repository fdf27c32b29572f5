import { EMPTY, type ObservableInput } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

/** Creates a batch handler that records the time and the events of each batch. */
function recording(now: () => number, result: () => ObservableInput<unknown> = () => EMPTY) {
  const batches: [number, ...number[]][] = [];
  const batchHandler = (events: readonly Event[]) => {
    batches.push([now(), ...events.map(({ seqNum }) => seqNum)]);
    return result();
  };
  return { batches, batchHandler };
}

describe('a watcher that delivers batches', () => {
  it.each<[string, WatcherOptions, number[]]>([
    ['no options (one page per batch)', {}, [100, 100, 50]],
    ['maxBatch larger than a page', { maxBatch: 120 }, [120, 120, 10]],
    ['maxBatch smaller than a page', { maxBatch: 30, batchSize: 50 }, [30, 30, 30, 30, 30, 30, 30, 30, 10]],
    ['maxBatch larger than several pages', { maxBatch: 200, batchSize: 7 }, [200, 50]],
    ['bufferSize smaller than maxBatch', { maxBatch: 200, bufferSize: 90 }, [90, 90, 70]],
    ['bufferSize 1', { maxBatch: 200, bufferSize: 1 }, Array.from({ length: 250 }, () => 1)],
    ['maxBatch larger than the log', { maxBatch: 1000 }, [250]],
    ['maxBatch larger than the log, with maxWait', { maxBatch: 1000, maxWait: 9 }, [250]],
  ])('a watcher delivers stored events in batches of the permitted size: %s', (_name, options, sizes) => {
    withStore(({ store, scheduler, flush }) => {
      fillUp(store, 250);
      const { batches, batchHandler } = recording(() => scheduler.now());
      watch(store, 'w', { batchHandler, ...options }).subscribe();
      flush();
      expect(batches.map(({ length }) => length - 1)).toEqual(sizes);
      expect(batches.flatMap(([, ...seqNums]) => seqNums)).toEqual(
        Array.from({ length: 250 }, (_, index) => index + 1),
      );
    })();
  });

  it(
    'a batch handler receives new events at the tail without a delay by default',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-1-3').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = recording(() => scheduler.now());
      watch(store, 'w', { batchHandler }).subscribe();
      flush();
      expect(batches).toEqual([
        [1, 1],
        [3, 2, 3, 4],
      ]);
    }),
  );

  it(
    'a watcher delivers a batch when maxWait has passed since the first event of the batch, and keeps no timer afterwards',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-1-1--1-1').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = recording(() => scheduler.now());
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
    'a watcher delivers a full batch before maxWait has passed',
    withStore(({ store, scheduler, hot, flush }) => {
      hot('-12-1').subscribe((count) => fillUp(store, Number(count)));
      const { batches, batchHandler } = recording(() => scheduler.now());
      watch(store, 'w', { batchHandler, maxWait: 50, maxBatch: 2 }).subscribe();
      flush();
      expect(batches).toEqual([
        [2, 1, 2],
        [4, 3, 4],
      ]);
    }),
  );

  it(
    'a watcher delivers one batch at a time, and collects the next batch while an attempt is in flight',
    withStore(({ store, scheduler, cold, hot, expectObservable, flush }) => {
      hot('             -1-1-1---1').subscribe((count) => fillUp(store, Number(count)));
      const expected = '    -----1---(23)';
      const { batches, batchHandler } = recording(
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
    'a batch contains no excluded event, and an excluded event does not shorten maxWait',
    withStore(({ store, scheduler, hot, flush }) => {
      const types: Record<string, string> = { j: 'Job', r: 'Run' };
      hot('-jrrj-jr').subscribe((key) => fill(store, types[key] as string));
      const { batches, batchHandler } = recording(() => scheduler.now());
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
