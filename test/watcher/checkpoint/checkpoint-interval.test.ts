import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions, WatchOptions } from '../../../src/watcher/watch-options.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fill } from '../delivery/fill.ts';
import { keyOf, LanesByHand } from '../keyed/lanes-by-hand.ts';
import { createBegun } from '../managed.ts';
import { gatedStore } from './gated-store.ts';

/** A watcher of jobs, of a store whose checkpoints are written by hand. */
function jobWatcher(options: CreateWatcherOptions = {}) {
  const clock = new VirtualClock();
  const { store, gate } = gatedStore(clock);
  const all = { filter: { objectTypes: ['Job'] }, handler: () => undefined, ...options };
  return { clock, store, gate, options: all as WatchOptions };
}

function running(options: CreateWatcherOptions = {}) {
  const made = jobWatcher(options);
  const watcher = createBegun(made.store, 'w', { ...made.options, autoStart: true });
  return { ...made, watcher };
}

describe('progress past events that the filter leaves out', () => {
  it('is written once per second, however many there are, and no timer is kept when nothing waits', async () => {
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

  it('is written at once when the last was written long ago, so that whoever is told seldom sets no timer', async () => {
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

  it('waits as long as it is told to, if at all', () => {
    const { clock, store, gate } = running({ checkpointInterval: 50 });
    fill(store, 'Run');
    clock.advanceBy(49);
    expect(gate.writes).toEqual([]);
    clock.advanceBy(1);
    expect(gate.writes).toEqual([1]);

    const atOnce = running({ checkpointInterval: 0 });
    fill(atOnce.store, 'Run');
    atOnce.clock.advanceBy(0);
    expect(atOnce.gate.writes).toEqual([1]);
  });

  it('is written together with an event that is handled meanwhile', () => {
    const { clock, store, gate } = running();
    fill(store, 'Run');
    fill(store, 'Run', 'Job');
    expect(gate.writes).toEqual([3]);
    expect(clock.timers).toBe(0);
  });

  it('is written behind a write that takes longer than the interval, one at a time', async () => {
    const { clock, store, gate } = running();
    fill(store, 'Job');
    for (let i = 0; i < 3; i++) {
      fill(store, 'Run');
      clock.advanceBy(1000);
    }
    expect(gate.writes).toEqual([1]);
    await gate.finish();
    expect(gate.writes).toEqual([1, 4]);
    expect(gate.mostAtOnce).toBe(1);
  });

  it('is written at once by a stop, which waits for that', async () => {
    const { clock, store, gate, watcher } = running();
    fill(store, 'Run', 'Run');
    const stopped = watcher.stop();
    expect(gate.writes).toEqual([2]);
    expect(clock.timers).toBe(1); // that of the stop's own timeout
    await gate.finish();
    await stopped;
    expect(clock.timers).toBe(0);
  });

  it('is written at once when somebody unsubscribes, and when the watcher fails', () => {
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

  it('sets no timer while an event before it is under way', () => {
    const lanes = new LanesByHand();
    const { clock, store } = running({ handler: lanes.handler, keyOf, concurrency: 2 });
    fill(store, 'Job', 'Run');
    fill(store, 'Run');
    expect(clock.timers).toBe(0);
    lanes.finish(1);
    expect(clock.timers).toBe(0);
  });
});

describe('a checkpoint that cannot be written by a watcher that nobody listens to any more', () => {
  it('is tried once more at once, and then left', async () => {
    const { clock, store, gate, options } = jobWatcher();
    const subscription = watch(store, 'w', options).subscribe();
    fill(store, 'Job');
    await gate.fail(new StoreError('disk full'));
    expect(clock.timers).toBe(1);
    subscription.unsubscribe();
    expect(gate.writes).toEqual([1, 1]);
    await gate.fail(new StoreError('disk full'));
    expect(clock.timers).toBe(0);
    expect(gate.isUnderWay).toBe(false);
  });

  it('does not come back behind one that a later run has written', async () => {
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
