import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import { letter, lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { managed } from '../managed.ts';

/** A watcher that runs, with two dead letters of its past. */
async function running(options: CreateWatcherOptions = {}) {
  const parts = managed({ events: 5, ...options });
  for (const seqNum of [1, 2]) await parts.store.storeDeadLetter(letter(seqNum), 2);
  parts.watcher.start();
  return parts;
}

describe('a redrive of a watcher that runs', () => {
  it('waits for the attempt in flight, and the next event waits for its end', async () => {
    const { manager, watcher, byHand, stored } = await running();
    expect(byHand.seqNums).toEqual([3]);
    const driven = manager.redrive('w');
    await nextTurn();
    expect(byHand.seqNums).toEqual([3]);

    for (const seqNum of [3, 1, 2]) {
      expect(byHand.seqNums.at(-1)).toBe(seqNum);
      byHand.finish();
      await nextTurn();
    }
    await driven;

    expect(byHand.seqNums).toEqual([3, 1, 2, 4]);
    byHand.finish();
    byHand.finish();
    await manager.stop();
    expect(watcher.stats()).toMatchObject({ handled: 3, skipped: 0, lag: 0 });
    expect(await stored()).toBe(5);
  });

  it('never has its handler called twice at a time, be there as many keys as events', async () => {
    let inFlight = 0;
    let most = 0;
    const order: number[] = [];
    const handler: EventHandler = async ({ seqNum }) => {
      most = Math.max(most, ++inFlight);
      order.push(seqNum);
      await nextTurn();
      inFlight--;
    };
    const { manager } = await running({ handler, concurrency: 2, keyOf: ({ seqNum }) => `${seqNum}` });
    expect(inFlight).toBe(2);
    const driven = manager.redrive('w');
    await driven;

    expect(order.slice(0, 4)).toEqual([3, 4, 1, 2]);
    expect(most).toBe(2);
    await manager.stop();
  });

  it('does not begin a retry whose time has come before it is done', async () => {
    const { manager, byHand, clock } = await running();
    byHand.fail('no');
    const driven = manager.redrive('w');
    await nextTurn();
    clock.advanceBy(200);
    expect(byHand.seqNums).toEqual([3, 1]);
    byHand.finish();
    await nextTurn();
    byHand.finish();
    await driven;

    expect(byHand.seqNums).toEqual([3, 1, 2, 3]);
    expect(byHand.contexts.at(-1)?.attempt).toBe(2);
  });

  it('holds a watcher back that is started meanwhile', async () => {
    const { manager, watcher, byHand, store } = managed({ events: 3 });
    await store.storeDeadLetter(letter(1), 1);
    const driven = manager.redrive('w');
    await nextTurn();
    watcher.start();
    await nextTurn();
    expect(byHand.seqNums).toEqual([1]);
    byHand.finish();
    await driven;

    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('leaves a watcher paused that was', async () => {
    const { manager, watcher, byHand } = await running();
    byHand.finish();
    byHand.finish();
    byHand.finish();
    watcher.pause();
    const driven = manager.redrive('w');
    await nextTurn();
    byHand.finish();
    await nextTurn();
    byHand.finish();
    await driven;

    expect(watcher.stats().state).toBe('paused');
    watcher.resume();
    expect(watcher.stats().state).toBe('running');
  });

  it('goes on with the events behind one that fails again', async () => {
    const { manager, byHand, store } = await running();
    byHand.finish();
    const driven = manager.redrive('w', { seqNums: [2] });
    await nextTurn();
    byHand.finish(); // of event 4, which was in flight
    await nextTurn();
    byHand.fail('again');
    await driven;

    expect(byHand.seqNums).toEqual([3, 4, 2, 5]);
    expect(await lettersOf(store)).toMatchObject([
      { seqNum: 1, attempts: 3 },
      { seqNum: 2, attempts: 4 },
    ]);
  });
});
