import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher of events with these keys and a concurrency of 3. */
function keyedWatcher(
  keys: string,
  { isStarted = true, ...options }: CreateWatcherOptions & { isStarted?: boolean } = {},
) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillKeys(store, keys);
  const byHand = new ManualHandler();
  const watcher = createWithSyncStart(store, 'w', {
    handler: byHand.handler,
    keyOf,
    concurrency: 3,
    ...options,
  });
  const seqNums: number[] = [];
  watcher.outcomes$.subscribe(({ seqNum }) => seqNums.push(seqNum));
  if (isStarted) watcher.start();
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, byHand, watcher, seqNums, stored };
}

describe('a keyed watcher that is stopped', () => {
  it('a stop of a keyed watcher waits for all attempts in flight, and starts no other attempt', async () => {
    const { byHand, watcher, seqNums, stored, clock } = keyedWatcher('abcda');
    const stopped = watcher.stop();
    byHand.finish(3, 1);
    await nextTurn();
    expect(watcher.stats().state).toBe('stopping');
    byHand.finish(2);
    await stopped;
    expect(byHand.seqNums).toEqual([1, 2, 3]);
    expect(seqNums).toEqual([3, 1, 2]);
    expect(await stored()).toBe(3);
    expect(byHand.aborted).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('a stopped keyed watcher stores its checkpoint before the first unhandled event, and continues with that event after a restart', async () => {
    const { byHand, watcher, stored } = keyedWatcher('aabb');
    const stopped = watcher.stop();
    byHand.finish(1, 3);
    await stopped;
    expect(await stored()).toBe(1);
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 3, 2, 3]);
  });

  it('a stop of a keyed watcher ends the backoff of one event immediately while another event is in flight', async () => {
    const { clock, byHand, watcher, seqNums, stored } = keyedWatcher('ab');
    byHand.fail(new Error('no'), 1);
    const stopped = watcher.stop({ timeout: Number.POSITIVE_INFINITY });
    expect(clock.timers).toBe(0);
    byHand.finish(2);
    await stopped;
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(seqNums).toEqual([2]);
    expect((await stored()) ?? 0).toBe(0);
  });

  it('a keyed watcher does not retry an attempt that fails while the watcher is stopping', async () => {
    const { byHand, watcher } = keyedWatcher('ab');
    const stopped = watcher.stop();
    byHand.fail(new Error('no'), 1);
    byHand.finish(2);
    await stopped;
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1, skipped: 0 });
  });

  it('a keyed watcher aborts all attempts in flight when a stop times out, and is stopped when the last of them settles', async () => {
    const { clock, byHand, watcher } = keyedWatcher('abc');
    byHand.finish(2);
    const rejected = expect(watcher.stop({ timeout: 100 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(99);
    expect(byHand.aborted).toEqual([]);
    clock.advanceBy(1);
    await rejected;
    expect(byHand.aborted).toEqual([1, 3]);
    expect(watcher.stats().state).toBe('stopping');
    byHand.fail(new Error('no'), 1);
    byHand.finish(3);
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
  });

  it('a stop of a keyed watcher waits for the attempts in flight even if the buffer is full', async () => {
    const { byHand, watcher } = keyedWatcher('abcdef', { bufferSize: 2 });
    expect(byHand.inFlight).toEqual([1, 2]);
    const stopped = watcher.stop();
    byHand.finish(1, 2);
    await stopped;
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a keyed watcher waits for all attempts in flight if the store closes', async () => {
    const { store, byHand, watcher } = keyedWatcher('abc');
    const closed = store.close();
    byHand.finish(1, 2, 3);
    await closed;
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 3 });
  });

  it('a stop of a keyed watcher does not wait for the attempt that calls stop', async () => {
    const calls: number[] = [];
    const { watcher } = keyedWatcher('ab', {
      async handler({ seqNum }) {
        calls.push(seqNum);
        if (seqNum === 2) await watcher.stop();
      },
      isStarted: false,
    });
    watcher.start();
    await nextTurn();
    await watcher.stop();
    expect(calls).toEqual([1, 2]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
  });
});

describe('a keyed watcher that seeks', () => {
  it('a seek of a keyed watcher waits for all attempts in flight, and continues with all keys at the target', async () => {
    const { byHand, watcher, stored } = keyedWatcher('abab');
    byHand.finish(1, 2);
    const sought = watcher.seek(afterSequenceNumber(1));
    byHand.finish(3);
    byHand.fail(new Error('no'), 4);
    await sought;
    expect(byHand.seqNums).toEqual([1, 2, 3, 4, 2, 3]);
    byHand.finish(2, 3, 4);
    await nextTurn();
    expect(await stored()).toBe(4);
  });
});

describe('a keyed watcher that is paused', () => {
  it('a paused keyed watcher does not interrupt the attempts in flight, and delivers nothing until it is resumed', () => {
    const { byHand, watcher } = keyedWatcher('aabbc');
    watcher.pause();
    byHand.finish(1, 3);
    expect(byHand.inFlight).toEqual([5]);
    watcher.resume();
    expect(byHand.inFlight).toEqual([5, 2, 4]);
  });

  it('a resumed keyed watcher delivers no event of another key if the first call of the handler pauses the watcher again', () => {
    const { byHand, watcher } = keyedWatcher('aabb', {
      handler: (event, context) => {
        if (event.seqNum === 2) watcher.pause();
        return byHand.handler(event, context);
      },
      isStarted: false,
    });
    watcher.start();
    watcher.pause();
    byHand.finish(1, 3);
    watcher.resume();
    expect(byHand.inFlight).toEqual([2]);
    expect(watcher.stats().state).toBe('paused');
  });
});
