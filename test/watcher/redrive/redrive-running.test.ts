import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/handling/handler.ts';
import { deadLetter, deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher after event 2, with dead letters of events 1 and 2. */
async function running(options: CreateWatcherOptions = {}) {
  const setup = managed({ events: 5, ...options });
  for (const seqNum of [1, 2]) await setup.store.storeDeadLetter(deadLetter(seqNum), 2);
  setup.watcher.start();
  return setup;
}

describe('a redrive of a running watcher', () => {
  it('a redrive of a running watcher waits for the attempt in flight, and delays the next event until the redrive has ended', async () => {
    const { manager, watcher, byHand, stored } = await running();
    expect(byHand.seqNums).toEqual([3]);
    const redriven = manager.redrive('w');
    await nextTurn();
    expect(byHand.seqNums).toEqual([3]);

    for (const seqNum of [3, 1, 2]) {
      expect(byHand.seqNums.at(-1)).toBe(seqNum);
      byHand.finish();
      await nextTurn();
    }
    await redriven;

    expect(byHand.seqNums).toEqual([3, 1, 2, 4]);
    byHand.finish();
    byHand.finish();
    await manager.stop();
    expect(watcher.stats()).toMatchObject({ handled: 3, skipped: 0, lag: 0 });
    expect(await stored()).toBe(5);
  });

  it('a redrive does not exceed the concurrency of the watcher, even if each event has its own key', async () => {
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
    const redriven = manager.redrive('w');
    await redriven;

    expect(order.slice(0, 4)).toEqual([3, 4, 1, 2]);
    expect(most).toBe(2);
    await manager.stop();
  });

  it('a redrive delays a retry of the watcher that is due until the redrive has ended', async () => {
    const { manager, byHand, clock } = await running();
    byHand.fail('no');
    const redriven = manager.redrive('w');
    await nextTurn();
    clock.advanceBy(200);
    expect(byHand.seqNums).toEqual([3, 1]);
    byHand.finish();
    await nextTurn();
    byHand.finish();
    await redriven;

    expect(byHand.seqNums).toEqual([3, 1, 2, 3]);
    expect(byHand.contexts.at(-1)?.attempt).toBe(2);
  });

  it('a redrive delays the deliveries of a watcher that is started during the redrive', async () => {
    const { manager, watcher, byHand, store } = managed({ events: 3 });
    await store.storeDeadLetter(deadLetter(1), 1);
    const redriven = manager.redrive('w');
    await nextTurn();
    watcher.start();
    await nextTurn();
    expect(byHand.seqNums).toEqual([1]);
    byHand.finish();
    await redriven;

    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a redrive leaves a paused watcher paused', async () => {
    const { manager, watcher, byHand } = await running();
    byHand.finish();
    byHand.finish();
    byHand.finish();
    watcher.pause();
    const redriven = manager.redrive('w');
    await nextTurn();
    byHand.finish();
    await nextTurn();
    byHand.finish();
    await redriven;

    expect(watcher.stats().state).toBe('paused');
    watcher.resume();
    expect(watcher.stats().state).toBe('running');
  });

  it('a redrive does not prevent later deliveries of the watcher if a dead letter fails again', async () => {
    const { manager, byHand, store } = await running();
    byHand.finish();
    const redriven = manager.redrive('w', { seqNums: [2] });
    await nextTurn();
    byHand.finish(); // ends the attempt at event 4, which was in flight
    await nextTurn();
    byHand.fail('again');
    await redriven;

    expect(byHand.seqNums).toEqual([3, 4, 2, 5]);
    expect(await deadLettersOf(store)).toMatchObject([
      { seqNum: 1, attempts: 3 },
      { seqNum: 2, attempts: 4 },
    ]);
  });
});
