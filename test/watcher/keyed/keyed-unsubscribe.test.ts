import type { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { fillKeys, keyOf, LanesByHand } from './lanes-by-hand.ts';

/** A watcher of events of these keys, two of which may be in flight. */
function watched(keys: string, options: WatcherOptions = {}, onOutcome: () => void = () => undefined) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillKeys(store, keys);
  const lanes = new LanesByHand();
  const told: unknown[] = [];
  const subscription: Subscription = watch(store, 'w', {
    handler: lanes.handler,
    keyOf,
    concurrency: 2,
    ...options,
  }).subscribe({
    next({ seqNum }) {
      told.push(seqNum);
      onOutcome();
    },
    error: (error) => told.push(error),
  });
  return { clock, store, lanes, told, subscription };
}

describe('unsubscribing from a watcher that handles by key', () => {
  it('aborts the signals of all attempts in flight, and calls nobody who waits for a place', () => {
    const { lanes, subscription, clock } = watched('abcda');
    expect(lanes.inFlight).toEqual([1, 2]);
    const isAborted = [1, 2].map((seqNum) => lanes.contexts.get(seqNum)?.signal);
    subscription.unsubscribe();
    expect(isAborted.map((signal) => signal?.aborted)).toEqual([true, true]);
    expect(lanes.seqNums).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });

  it('ends the waits for another attempt', () => {
    const { lanes, subscription, clock } = watched('abc');
    lanes.fail(1);
    lanes.fail(2);
    expect(clock.timers).toBe(2);
    subscription.unsubscribe();
    expect(clock.timers).toBe(0);
    expect(lanes.seqNums).toEqual([1, 2, 3]);
  });

  it('hands over nothing that an attempt had kept waiting, though it ends later', () => {
    const { lanes, subscription, told } = watched('aab');
    subscription.unsubscribe();
    lanes.finish(1, 3);
    expect(lanes.seqNums).toEqual([1, 3]);
    expect(told).toEqual([]);
  });

  it('from inside an outcome aborts what took its place, and calls nobody any more', () => {
    const { lanes, subscription, told } = watched('abcd', {}, () => subscription.unsubscribe());
    lanes.finish(2);
    expect(told).toEqual([2]);
    expect(lanes.seqNums).toEqual([1, 2, 3]);
    expect(lanes.aborted).toEqual([1, 3]);
  });
});

describe('an error in one lane', () => {
  it('aborts the attempts in the others, and calls nobody who waits for a place', () => {
    const { lanes, told, clock } = watched('abcd', { retryStrategy: 'stop', maxRetries: 0 });
    const other = lanes.contexts.get(1)?.signal;
    const cause = new Error('no');
    lanes.fail(2, cause);
    expect(told).toEqual([new EventHandlingError('w', 2, 1, cause)]);
    expect(other?.aborted).toBe(true);
    expect(lanes.seqNums).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });
});
