import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { createBegun } from '../managed.ts';
import { fillKeys, keyOf, LanesByHand } from './lanes-by-hand.ts';

/** A watcher of events of these keys, three of which may be in flight. */
function laned(
  keys: string,
  { isStarted = true, ...options }: CreateWatcherOptions & { isStarted?: boolean } = {},
) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillKeys(store, keys);
  const lanes = new LanesByHand();
  const watcher = createBegun(store, 'w', {
    handler: lanes.handler,
    keyOf,
    concurrency: 3,
    ...options,
  });
  const told: number[] = [];
  watcher.outcomes$.subscribe(({ seqNum }) => told.push(seqNum));
  if (isStarted) watcher.start();
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, lanes, watcher, told, stored };
}

describe('to stop a watcher that handles by key', () => {
  it('waits for all attempts in flight, whose outcomes count, and calls nobody else', async () => {
    const { lanes, watcher, told, stored, clock } = laned('abcda');
    const stopped = watcher.stop();
    lanes.finish(3, 1);
    await nextTurn();
    expect(watcher.stats().state).toBe('stopping');
    lanes.finish(2);
    await stopped;
    expect(lanes.seqNums).toEqual([1, 2, 3]);
    expect(told).toEqual([3, 1, 2]);
    expect(await stored()).toBe(3);
    expect(lanes.aborted).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('leaves the checkpoint before what was not handled, and a start goes on there', async () => {
    const { lanes, watcher, stored } = laned('aabb');
    const stopped = watcher.stop();
    lanes.finish(1, 3);
    await stopped;
    expect(await stored()).toBe(1);
    watcher.start();
    expect(lanes.seqNums).toEqual([1, 3, 2, 3]);
  });

  it('ends the wait of one to try again at once, while another is in flight', async () => {
    const { clock, lanes, watcher, told, stored } = laned('ab');
    lanes.fail(1);
    const stopped = watcher.stop({ timeout: Number.POSITIVE_INFINITY });
    expect(clock.timers).toBe(0);
    lanes.finish(2);
    await stopped;
    expect(lanes.seqNums).toEqual([1, 2]);
    expect(told).toEqual([2]);
    expect((await stored()) ?? 0).toBe(0);
  });

  it('does not have what fails meanwhile tried again', async () => {
    const { lanes, watcher } = laned('ab');
    const stopped = watcher.stop();
    lanes.fail(1);
    lanes.finish(2);
    await stopped;
    expect(lanes.seqNums).toEqual([1, 2]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1, skipped: 0 });
  });

  it('that takes too long aborts the signals of all in flight, and is over when the last has settled', async () => {
    const { clock, lanes, watcher } = laned('abc');
    lanes.finish(2);
    const rejected = expect(watcher.stop({ timeout: 100 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(99);
    expect(lanes.aborted).toEqual([]);
    clock.advanceBy(1);
    await rejected;
    expect(lanes.aborted).toEqual([1, 3]);
    expect(watcher.stats().state).toBe('stopping');
    lanes.fail(1);
    lanes.finish(3);
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
  });

  it('waits while the buffer is full, too', async () => {
    const { lanes, watcher } = laned('abcdef', { bufferSize: 2 });
    expect(lanes.inFlight).toEqual([1, 2]);
    const stopped = watcher.stop();
    lanes.finish(1, 2);
    await stopped;
    expect(lanes.seqNums).toEqual([1, 2]);
  });

  it('is what the close of its store does', async () => {
    const { store, lanes, watcher } = laned('abc');
    const closed = store.close();
    lanes.finish(1, 2, 3);
    await closed;
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 3 });
  });

  it('from inside one of its handlers does not wait for it', async () => {
    const calls: number[] = [];
    const { watcher } = laned('ab', {
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

describe('to seek a watcher that handles by key', () => {
  it('waits for all in flight, and begins there with every key', async () => {
    const { lanes, watcher, stored } = laned('abab');
    lanes.finish(1, 2);
    const sought = watcher.seek(afterSequenceNumber(1));
    lanes.finish(3);
    lanes.fail(4);
    await sought;
    expect(lanes.seqNums).toEqual([1, 2, 3, 4, 2, 3]);
    lanes.finish(2, 3, 4);
    await nextTurn();
    expect(await stored()).toBe(4);
  });
});

describe('to pause a watcher that handles by key', () => {
  it('lets those in flight finish, and hands nothing over until it is resumed', () => {
    const { lanes, watcher } = laned('aabbc');
    watcher.pause();
    lanes.finish(1, 3);
    expect(lanes.inFlight).toEqual([5]);
    watcher.resume();
    expect(lanes.inFlight).toEqual([5, 2, 4]);
  });

  it('from inside the first that is handed over again keeps the others waiting', () => {
    const { lanes, watcher } = laned('aabb', {
      handler: (event, context) => {
        if (event.seqNum === 2) watcher.pause();
        return lanes.handler(event, context);
      },
      isStarted: false,
    });
    watcher.start();
    watcher.pause();
    lanes.finish(1, 3);
    watcher.resume();
    expect(lanes.inFlight).toEqual([2]);
    expect(watcher.stats().state).toBe('paused');
  });
});
