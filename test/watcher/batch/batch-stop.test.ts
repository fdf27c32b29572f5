import { NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler, HandlerContext } from '../../../src/handling/handler.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { managed, statsWhen } from '../managed.ts';

/** A watcher in batches of three of so many events, whose attempts end by hand. */
function batched(events: number, options: CreateWatcherOptions = {}) {
  const batches: number[][] = [];
  const contexts: HandlerContext[] = [];
  const ends: Subject<never>[] = [];
  const batchHandler: BatchHandler = (given: readonly Event[], context) => {
    const end = new Subject<never>();
    batches.push(given.map(({ seqNum }) => seqNum));
    contexts.push(context);
    ends.push(end);
    return end;
  };
  const all = managed({ events, handler: undefined, batchHandler, maxBatch: 3, maxWait: 1000, ...options });
  const isAborted = () => contexts.map(({ signal }) => signal.aborted);
  return { ...all, batches, ends, batchHandler, isAborted };
}

describe('to stop a watcher that handles in batches', () => {
  it('hands over nothing that was only gathered, and the checkpoint stays before it', async () => {
    const { clock, batches, ends, watcher, stored } = batched(5);
    watcher.start();
    ends[0]?.complete();
    clock.advanceBy(999);
    await watcher.stop();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(await stored()).toBe(3);
    expect(clock.timers).toBe(0);

    watcher.start();
    clock.advanceBy(1000);
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5],
    ]);
  });

  it('waits for the batch in flight, which counts', async () => {
    const { batches, ends, watcher, stored } = batched(5);
    watcher.start();
    const stopped = watcher.stop();
    ends[0]?.complete();
    await stopped;
    expect(batches).toEqual([[1, 2, 3]]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 3 });
    expect(await stored()).toBe(3);
  });

  it('ends the wait to try a batch again', async () => {
    const { clock, batches, ends, watcher, stored } = batched(3);
    watcher.start();
    ends[0]?.error(new Error('no'));
    await watcher.stop();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);
  });

  it('that takes too long aborts the signal of the batch', async () => {
    const { clock, watcher, isAborted } = batched(3);
    watcher.start();
    const rejected = expect(watcher.stop({ timeout: 100 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(100);
    await rejected;
    expect(isAborted()).toEqual([true]);
  });

  it('is as one that unsubscribes, who aborts the batch in flight', () => {
    const { clock, store, batches, batchHandler, isAborted } = batched(5);
    const subscription = watch(store, 'w', { batchHandler, maxBatch: 3 }).subscribe();
    subscription.unsubscribe();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(isAborted()).toEqual([true]);
    expect(clock.timers).toBe(0);
  });
});

describe('what waits in a batch', () => {
  it('keeps the checkpoint before it, whatever the filter leaves out behind it', async () => {
    const { clock, store, watcher, ends, stored } = batched(1, {
      filter: { objectTypes: ['Job'] },
      maxWait: 9000,
    });
    watcher.start();
    fill(store, 'Run', 'Run');
    clock.advanceBy(5000);
    expect(watcher.stats()).toMatchObject({ lag: 3, lagTime: 5000, handled: 0 });
    clock.advanceBy(4000);
    ends[0]?.complete();
    await statsWhen(watcher, ({ lag }) => lag === 0);
    expect(await stored()).toBe(3);
  });

  it('is not handed over while the watcher is paused', () => {
    const { clock, store, watcher, batches } = batched(1);
    watcher.start();
    watcher.pause();
    fillUp(store, 1);
    clock.advanceBy(5000);
    expect(batches).toEqual([]);
    watcher.resume();
    clock.advanceBy(1000);
    expect(batches).toEqual([[1, 2]]);
  });

  it('counts against bufferSize, so that no batch waits for more than there may be', () => {
    const { batches, watcher } = batched(5, { bufferSize: 2, batchHandler: undefined, handler: () => NEVER });
    watcher.start();
    expect(batches).toEqual([]);
    const capped = batched(5, { bufferSize: 2, maxBatch: 100 });
    capped.watcher.start();
    expect(capped.batches).toEqual([[1, 2]]);
  });
});
