import type { Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';

/** Subscribes to a watcher of events with these keys and a concurrency of 2. */
function subscribeKeyed(keys: string, options: WatcherOptions = {}, onOutcome: () => void = () => undefined) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillKeys(store, keys);
  const byHand = new ManualHandler();
  const notifications: unknown[] = [];
  const subscription: Subscription = watch(store, 'w', {
    handler: byHand.handler,
    keyOf,
    concurrency: 2,
    ...options,
  }).subscribe({
    next({ seqNum }) {
      notifications.push(seqNum);
      onOutcome();
    },
    error: (error) => notifications.push(error),
  });
  return { clock, store, byHand, notifications, subscription };
}

describe('a keyed watcher after its subscriber has unsubscribed', () => {
  it('an unsubscribed keyed watcher aborts all attempts in flight, and makes no attempt at a waiting event', () => {
    const { byHand, subscription, clock } = subscribeKeyed('abcda');
    expect(byHand.inFlight).toEqual([1, 2]);
    const signals = byHand.contexts.map(({ signal }) => signal);
    subscription.unsubscribe();
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });

  it('an unsubscribed keyed watcher ends the backoffs of all keys', () => {
    const { byHand, subscription, clock } = subscribeKeyed('abc');
    byHand.fail(new Error('no'), 1);
    byHand.fail(new Error('no'), 2);
    expect(clock.timers).toBe(2);
    subscription.unsubscribe();
    expect(clock.timers).toBe(0);
    expect(byHand.seqNums).toEqual([1, 2, 3]);
  });

  it('an unsubscribed keyed watcher does not deliver the next event of a key when the attempt in flight settles', () => {
    const { byHand, subscription, notifications } = subscribeKeyed('aab');
    subscription.unsubscribe();
    byHand.finish(1, 3);
    expect(byHand.seqNums).toEqual([1, 3]);
    expect(notifications).toEqual([]);
  });

  it('a keyed watcher aborts all attempts in flight, and starts no other, if its subscriber unsubscribes at an outcome', () => {
    const { byHand, subscription, notifications } = subscribeKeyed('abcd', {}, () =>
      subscription.unsubscribe(),
    );
    byHand.finish(2);
    expect(notifications).toEqual([2]);
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(byHand.aborted).toEqual([1]);
  });
});

describe('a keyed watcher that fails because of an event of one key', () => {
  it('a keyed watcher that fails at an event of one key aborts the attempts of the other keys, and makes no other attempt', () => {
    const { byHand, notifications, clock } = subscribeKeyed('abcd', { retryStrategy: 'stop', maxRetries: 0 });
    const other = byHand.contexts[0]?.signal;
    const cause = new Error('no');
    byHand.fail(cause, 2);
    expect(notifications).toEqual([new EventHandlingError('w', 2, 1, cause)]);
    expect(other?.aborted).toBe(true);
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(clock.timers).toBe(0);
  });
});
