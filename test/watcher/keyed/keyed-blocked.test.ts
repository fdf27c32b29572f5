import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { gatedStore } from '../checkpoint/gated-store.ts';
import { begunAtOnce, createBegun, statsWhen } from '../managed.ts';
import { fillKeys, keyOf, LanesByHand } from './lanes-by-hand.ts';

/** A watcher of events of these keys, and how many events it has been given. */
function laned(keys: string, options: CreateWatcherOptions = {}) {
  const clock = new VirtualClock();
  const memory = createMemoryStore({ scheduler: clock });
  const reads: number[] = [];
  const store: typeof memory = {
    ...memory,
    getEvents: (request) => {
      reads.push(request.limit ?? 0);
      return memory.getEvents(request);
    },
  };
  fillKeys(store, keys);
  const lanes = new LanesByHand();
  const manager = createManager(store);
  const all = { handler: lanes.handler, keyOf, concurrency: 9, ...options };
  const watcher = begunAtOnce(store, manager.create('w', all));
  watcher.start();
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, reads, lanes, watcher, stored };
}

describe('a key that does not come to an end', () => {
  it('lets the others go on until as many events are under way as may be, and no page is read then', () => {
    const { lanes, reads } = laned('abbcbbbb', { bufferSize: 4 });
    expect(lanes.inFlight).toEqual([1, 2, 4]);
    lanes.finish(2, 3, 4);
    expect(lanes.inFlight).toEqual([1, 5]);
    expect(reads.every((limit) => limit <= 4)).toBe(true);
    lanes.finish(5, 6, 7, 8);
    expect(lanes.inFlight).toEqual([1]);
    expect(lanes.seqNums).toHaveLength(8);
  });

  it('holds up the rest only when the events behind it in its own lane fill the buffer', () => {
    const { store, lanes, reads, clock } = laned('aab', { bufferSize: 3 });
    lanes.finish(3);
    fillKeys(store, 'ab');
    clock.advanceBy(0);
    expect(lanes.inFlight).toEqual([1]);
    const read = reads.length;
    fillKeys(store, 'bb');
    clock.advanceBy(60_000);
    expect(lanes.inFlight).toEqual([1]);
    expect(reads).toHaveLength(read);

    lanes.finish(1);
    expect(lanes.inFlight).toEqual([5, 2]);
  });

  it('keeps the checkpoint before it, and each event behind it counts as soon as it is done', async () => {
    const { lanes, watcher, stored } = laned('abcbc');
    lanes.finish(2, 3, 4, 5);
    await nextTurn();
    expect(await stored()).toBe(0);
    lanes.finish(1);
    await statsWhen(watcher, ({ lag }) => lag === 0);
    expect(await stored()).toBe(5);
  });

  it('has no checkpoint written again for each event behind it', async () => {
    const { store, gate } = gatedStore(new VirtualClock());
    fillKeys(store, 'abbcb');
    const lanes = new LanesByHand();
    createBegun(store, 'w', { handler: lanes.handler, keyOf, concurrency: 9, autoStart: true });
    lanes.finish(1);
    await gate.finish();
    lanes.finish(4);
    await nextTurn();
    expect(gate.writes).toEqual([1]);
    lanes.finish(2);
    await gate.finish();
    expect(gate.writes).toEqual([1, 2]);
    lanes.finish(3);
    await gate.finish();
    expect(gate.writes).toEqual([1, 2, 4]);
  });

  it('shows in the stats: how far behind, how long, why, and that the others are handled', async () => {
    const { clock, store, lanes, watcher, stored } = laned('abcc', { initialBackoff: 10, maxBackoff: 10 });
    const cause = new Error('stubborn');
    lanes.finish(2, 3, 4);
    for (let i = 0; i < 5; i++) {
      lanes.fail(1, cause);
      clock.advanceBy(10);
    }
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      handled: 3,
      retries: 5,
      lag: 4,
      lagTime: 50,
      lastProcessedSeqNum: 4,
      lastError: { cause, seqNum: 1, attempts: 5 },
    });
    fillKeys(store, 'b');
    expect(watcher.stats().lag).toBe(5);
    expect(await stored()).toBe(0);
    lanes.finish(1, 5);
    expect(await statsWhen(watcher, ({ lag }) => lag === 0)).toMatchObject({ lagTime: 0, handled: 5 });
  });

  it('does not matter to what is left out behind it, nor does that move the checkpoint past it', async () => {
    const { clock, lanes, stored, watcher } = laned('ab', { filter: { operations: ['CREATE'] } });
    lanes.finish(2);
    clock.advanceBy(5000);
    await nextTurn();
    expect((await stored()) ?? 0).toBe(0);
    expect(watcher.stats()).toMatchObject({ handled: 1, lag: 2 });
  });
});
