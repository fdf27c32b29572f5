import { NEVER, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import type { BatchHandler, HandlerContext } from '../../../src/handling/handler.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { managed, statsWhen } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher with batches of three events, and with attempts that the test ends. */
function batchWatcher(events: number, options: CreateWatcherOptions = {}) {
  const batches: number[][] = [];
  const contexts: HandlerContext[] = [];
  const ends: Subject<never>[] = [];
  const batchHandler: BatchHandler = (events: readonly Event[], context) => {
    const end = new Subject<never>();
    batches.push(events.map(({ seqNum }) => seqNum));
    contexts.push(context);
    ends.push(end);
    return end;
  };
  const all = managed({ events, handler: undefined, batchHandler, maxBatch: 3, maxWait: 1000, ...options });
  const isAborted = () => contexts.map(({ signal }) => signal.aborted);
  return { ...all, batches, ends, batchHandler, isAborted };
}

describe('a watcher with a batch handler', () => {
  it('a stopped watcher does not deliver its incomplete batch, and keeps its checkpoint before that batch', async () => {
    const { clock, batches, ends, watcher, stored } = batchWatcher(5);
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

  it('a stop waits for the batch in flight, and counts the events of that batch', async () => {
    const { batches, ends, watcher, stored } = batchWatcher(5);
    watcher.start();
    const stopped = watcher.stop();
    ends[0]?.complete();
    await stopped;
    expect(batches).toEqual([[1, 2, 3]]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 3 });
    expect(await stored()).toBe(3);
  });

  it('a stop ends the backoff of a failed batch', async () => {
    const { clock, batches, ends, watcher, stored } = batchWatcher(3);
    watcher.start();
    ends[0]?.error(new Error('no'));
    await watcher.stop();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);
  });

  it('a watcher aborts the signal of the batch in flight when a stop times out', async () => {
    const { clock, watcher, isAborted } = batchWatcher(3);
    watcher.start();
    const rejected = expect(watcher.stop({ timeout: 100 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(100);
    await rejected;
    expect(isAborted()).toEqual([true]);
  });

  it('a watcher aborts the signal of the batch in flight when its subscriber unsubscribes', () => {
    const { clock, store, batches, batchHandler, isAborted } = batchWatcher(5);
    const subscription = watch(store, 'w', { batchHandler, maxBatch: 3 }).subscribe();
    subscription.unsubscribe();
    expect(batches).toEqual([[1, 2, 3]]);
    expect(isAborted()).toEqual([true]);
    expect(clock.timers).toBe(0);
  });
});

describe('a watcher with an incomplete batch', () => {
  it('a watcher keeps its checkpoint before an incomplete batch while the filter excludes later events', async () => {
    const { clock, store, watcher, ends, stored } = batchWatcher(1, {
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

  it('a paused watcher does not deliver an incomplete batch', () => {
    const { clock, store, watcher, batches } = batchWatcher(1);
    watcher.start();
    watcher.pause();
    fillUp(store, 1);
    clock.advanceBy(5000);
    expect(batches).toEqual([]);
    watcher.resume();
    clock.advanceBy(1000);
    expect(batches).toEqual([[1, 2]]);
  });

  it('a watcher delivers a batch of bufferSize events even if maxBatch is larger', () => {
    const { batches, watcher } = batchWatcher(5, {
      bufferSize: 2,
      batchHandler: undefined,
      handler: () => NEVER,
    });
    watcher.start();
    expect(batches).toEqual([]);
    const limited = batchWatcher(5, { bufferSize: 2, maxBatch: 100 });
    limited.watcher.start();
    expect(limited.batches).toEqual([[1, 2]]);
  });
});
