import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions, WatchOptions } from '../../../src/watcher/watch-options.ts';
import { fill, keyOf } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Creates a store with checkpoint writes that the test ends, and options of a watcher of events of the type `Job`. */
function jobWatcher(options: CreateWatcherOptions = {}) {
  const clock = new VirtualClock();
  const { store, gate } = gatedStore(clock);
  const allOptions = { filter: { objectTypes: ['Job'] }, handler: () => undefined, ...options };
  return { clock, store, gate, options: allOptions as WatchOptions };
}

function running(options: CreateWatcherOptions = {}) {
  const setUp = jobWatcher(options);
  const watcher = createWithSyncStart(setUp.store, 'w', { ...setUp.options, autoStart: true });
  return { ...setUp, watcher };
}

describe('a watcher with a filter that excludes events', () => {
  it('a watcher stores one checkpoint per second for excluded events, and keeps no timer without a pending checkpoint', async () => {
    const { clock, store, gate } = running();
    expect(clock.timers).toBe(0);
    for (let i = 0; i < 10; i++) {
      fill(store, 'Run');
      clock.advanceBy(99);
    }
    expect(gate.writes).toEqual([]);
    expect(clock.timers).toBe(1);
    clock.advanceBy(10);
    expect(gate.writes).toEqual([10]);
    expect(clock.timers).toBe(0);
    await gate.finish();
    clock.advanceBy(10_000);
    expect(gate.writes).toEqual([10]);
  });

  it('a checkpoint past excluded events is stored immediately if the previous write ended at least half of checkpointInterval ago', async () => {
    const { clock, store, gate } = running();
    fill(store, 'Run');
    clock.advanceBy(1000);
    await gate.finish();
    clock.advanceBy(500);
    fill(store, 'Run');
    expect(gate.writes).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
    await gate.finish();

    clock.advanceBy(499);
    fill(store, 'Run');
    clock.advanceBy(999);
    expect(gate.writes).toEqual([1, 2]);
    clock.advanceBy(1);
    expect(gate.writes).toEqual([1, 2, 3]);
  });

  it('a checkpoint past excluded events is delayed by checkpointInterval, and is not delayed if checkpointInterval is 0', () => {
    const { clock, store, gate } = running({ checkpointInterval: 50 });
    fill(store, 'Run');
    clock.advanceBy(49);
    expect(gate.writes).toEqual([]);
    clock.advanceBy(1);
    expect(gate.writes).toEqual([1]);

    const immediate = running({ checkpointInterval: 0 });
    fill(immediate.store, 'Run');
    immediate.clock.advanceBy(0);
    expect(immediate.gate.writes).toEqual([1]);
  });

  it('a watcher stores one checkpoint for excluded events and an event that is handled within checkpointInterval', () => {
    const { clock, store, gate } = running();
    fill(store, 'Run');
    fill(store, 'Run', 'Job');
    expect(gate.writes).toEqual([3]);
    expect(clock.timers).toBe(0);
  });

  it('a watcher stores one checkpoint at a time, even if a write takes longer than checkpointInterval', async () => {
    const { clock, store, gate } = running();
    fill(store, 'Job');
    for (let i = 0; i < 3; i++) {
      fill(store, 'Run');
      clock.advanceBy(1000);
    }
    expect(gate.writes).toEqual([1]);
    await gate.finish();
    expect(gate.writes).toEqual([1, 4]);
    expect(gate.maxInFlight).toBe(1);
  });

  it('a stop stores a pending checkpoint past excluded events, and waits for that write', async () => {
    const { clock, store, gate, watcher } = running();
    fill(store, 'Run', 'Run');
    const stopped = watcher.stop();
    expect(gate.writes).toEqual([2]);
    expect(clock.timers).toBe(1); // only the timeout of the stop
    await gate.finish();
    await stopped;
    expect(clock.timers).toBe(0);
  });

  it('an unsubscribed watcher stores its pending checkpoint, and a failed watcher keeps no timer for a pending checkpoint', () => {
    const { clock, store, gate, options } = jobWatcher();
    const subscription = watch(store, 'w', options).subscribe();
    fill(store, 'Run', 'Run');
    expect(gate.writes).toEqual([]);
    subscription.unsubscribe();
    expect(gate.writes).toEqual([2]);
    expect(clock.timers).toBe(0);

    const failing = jobWatcher({
      handler: () => throwError(() => 'no'),
      retryStrategy: 'stop',
      maxRetries: 0,
    });
    fill(failing.store, 'Run', 'Job');
    watch(failing.store, 'w', failing.options).subscribe({ error() {} });
    expect(failing.clock.timers).toBe(0);
  });

  it('a watcher sets no timer for a checkpoint past excluded events while an earlier event is in flight', () => {
    const byHand = new ManualHandler();
    const { clock, store } = running({ handler: byHand.handler, keyOf, concurrency: 2 });
    fill(store, 'Job', 'Run');
    fill(store, 'Run');
    expect(clock.timers).toBe(0);
    byHand.finish(1);
    expect(clock.timers).toBe(0);
  });
});

describe('an unsubscribed watcher with a failing checkpoint write', () => {
  it('a watcher retries a failed checkpoint write exactly once after its subscriber has unsubscribed', async () => {
    const { clock, store, gate, options } = jobWatcher();
    const subscription = watch(store, 'w', options).subscribe();
    fill(store, 'Job');
    await gate.fail(new StoreError('disk full'));
    expect(clock.timers).toBe(1);
    subscription.unsubscribe();
    expect(gate.writes).toEqual([1, 1]);
    await gate.fail(new StoreError('disk full'));
    expect(clock.timers).toBe(0);
    expect(gate.isBusy).toBe(false);
  });

  it('an unsubscribed watcher with a failed checkpoint write does not overwrite the checkpoint of a later run', async () => {
    const { clock, store, gate, options } = jobWatcher();
    const subscription = watch(store, 'w', options).subscribe();
    fill(store, 'Job');
    subscription.unsubscribe();
    await gate.fail(new StoreError('disk full'));
    await gate.fail(new StoreError('disk full'));
    watch(store, 'w', options).subscribe();
    fill(store, 'Job');
    await gate.finish();
    await gate.finish();
    clock.advanceBy(600_000);
    expect(gate.writes).toEqual([1, 1, 1, 2]);
  });
});
