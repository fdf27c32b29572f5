import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

const keyed = { events: 0, concurrency: 2, keyOf: ({ objectType }: Event) => objectType };

describe('a paused keyed watcher', () => {
  it('a paused keyed watcher lets the attempts in flight settle in any order, and delivers no other event', () => {
    const byHand = new ManualHandler();
    const { store, watcher } = managed({ ...keyed, handler: byHand.handler });
    fill(store, 'a', 'b', 'a', 'c');
    watcher.start();
    watcher.pause();
    byHand.finish(2);
    byHand.finish(1);
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(watcher.stats()).toMatchObject({ state: 'paused', handled: 2 });
    watcher.resume();
    expect(new Set(byHand.seqNums)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('a paused keyed watcher makes no retry after the backoff of an event until the watcher is resumed', () => {
    const byHand = new ManualHandler();
    const { clock, store, watcher } = managed({ ...keyed, initialBackoff: 100, handler: byHand.handler });
    fill(store, 'a', 'b');
    watcher.start();
    byHand.fail(new Error('no'), 1);
    watcher.pause();
    clock.advanceBy(100);
    expect(byHand.seqNums).toEqual([1, 2]);
    watcher.resume();
    expect(byHand.seqNums).toEqual([1, 2, 1]);
  });

  it('a resumed keyed watcher delivers no event of another key if the handler of one key pauses the watcher again', () => {
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

describe('a watcher with a batch handler that is paused', () => {
  it('a batch handler receives events that were stored during a pause as one batch', async () => {
    const batches: number[][] = [];
    const { clock, store, watcher } = started({
      events: 0,
      handler: undefined,
      batchHandler: (events) => void batches.push(events.map(({ seqNum }) => seqNum)),
    });
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

  it('a watcher delivers no other full batch after its batch handler has paused the watcher', () => {
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
