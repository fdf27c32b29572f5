import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { EachByHand } from '../keyed/each-by-hand.ts';
import { managed } from '../managed.ts';

const keyed = { events: 0, concurrency: 2, keyOf: ({ objectType }: Event) => objectType };

describe('a pause of a watcher by key', () => {
  it('lets the attempts in flight finish, in whatever order, and hands over no other', () => {
    const each = new EachByHand();
    const { store, watcher } = managed({ ...keyed, handler: each.handler });
    fill(store, 'a', 'b', 'a', 'c');
    watcher.start();
    watcher.pause();
    each.finish(2);
    each.finish(1);
    expect(each.seqNums).toEqual([1, 2]);
    expect(watcher.stats()).toMatchObject({ state: 'paused', handled: 2 });
    watcher.resume();
    expect(new Set(each.seqNums)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('holds up a lane whose backoff is over', () => {
    const each = new EachByHand();
    const { clock, store, watcher } = managed({ ...keyed, initialBackoff: 100, handler: each.handler });
    fill(store, 'a', 'b');
    watcher.start();
    each.fail(1, new Error('no'));
    watcher.pause();
    clock.advanceBy(100);
    expect(each.seqNums).toEqual([1, 2]);
    watcher.resume();
    expect(each.seqNums).toEqual([1, 2, 1]);
  });

  it('from inside the handler of one key, at the moment of a resume, holds up the others', () => {
    const seqNums: number[] = [];
    const { store, watcher }: ReturnType<typeof managed> & { watcher: Watcher } = managed({
      ...keyed,
      handler: ({ seqNum }) => {
        seqNums.push(seqNum);
        watcher.pause();
      },
    });
    watcher.start();
    watcher.pause();
    fill(store, 'a', 'b');
    watcher.resume();
    expect(seqNums).toEqual([1]);
    watcher.resume();
    expect(seqNums).toEqual([1, 2]);
  });
});

describe('a pause of a watcher in batches', () => {
  it('makes one batch of what comes meanwhile', async () => {
    const batches: number[][] = [];
    const { clock, store, watcher } = managed({
      events: 0,
      handler: undefined,
      batchHandler: (events) => void batches.push(events.map(({ seqNum }) => seqNum)),
    });
    watcher.start();
    watcher.pause();
    fillUp(store, 1);
    fillUp(store, 2);
    clock.advanceBy(1000);
    expect(batches).toEqual([]);
    watcher.resume();
    clock.advanceBy(0);
    await nextTurn();
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('keeps a full batch back, and what follows it', () => {
    const batches: number[][] = [];
    const { watcher }: { watcher: Watcher } = managed({
      events: 4,
      maxBatch: 2,
      handler: undefined,
      batchHandler: (events) => {
        batches.push(events.map(({ seqNum }) => seqNum));
        watcher.pause();
      },
    });
    watcher.start();
    expect(batches).toEqual([[1, 2]]);
    expect(watcher.stats()).toMatchObject({ state: 'paused', handled: 2 });
    watcher.resume();
    expect(batches).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
