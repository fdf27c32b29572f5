import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { gatedStore } from '../checkpoint/gated-store.ts';
import { fillUp } from '../delivery/fill.ts';
import { createWithSyncStart, managed } from '../managed.ts';

/** A watcher that has handled event 1 and failed over event 2, while the store would not take its checkpoint. */
async function failed() {
  const parts = managed({ retryStrategy: 'stop', maxRetries: 0, autoStart: true });
  const { store, byHand, watcher } = parts;
  const { storeCheckpoint } = store;
  Object.assign(store, { storeCheckpoint: () => Promise.reject(new StoreError('disk full')) });
  byHand.finish();
  await nextTurn();
  byHand.fail('no');
  await nextTurn();
  Object.assign(store, { storeCheckpoint });
  expect(watcher.stats().state).toBe('failed');
  return parts;
}

describe('a watcher that has failed while its checkpoint could not be stored', () => {
  it('tries once more as it fails, and leaves it at that: the next start does again what is not stored', async () => {
    const { clock, watcher, byHand, stored } = await failed();
    clock.advanceBy(1000);
    await nextTurn();

    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 2, 1]);
  });

  it('does not move it any more once it was sent elsewhere', async () => {
    const { clock, watcher, byHand, stored } = await failed();
    await watcher.seek(afterSequenceNumber(0));
    clock.advanceBy(1000);
    await nextTurn();

    expect(byHand.seqNums).toEqual([1, 2, 1]);
    expect(await stored()).toBe(0);
    expect(watcher.stats()).toMatchObject({ state: 'running', lag: 3 });
  });

  it('does not move it any more once it was started anew: that run has a checkpoint of its own', async () => {
    const { clock, watcher, manager, byHand, stored } = await failed();
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 2, 1]);
    clock.advanceBy(1000);
    await nextTurn();
    expect(await stored()).toBe(0);
    byHand.finish();
    byHand.finish();
    byHand.finish();
    await manager.stop();
    expect(await stored()).toBe(3);
  });
});

it('a watcher fails after its last checkpoint is stored', async () => {
  const { store, gate } = gatedStore(new VirtualClock());
  fillUp(store, 3);
  const byHand = new ByHand();
  const options = { handler: byHand.handler, retryStrategy: 'stop', maxRetries: 0, autoStart: true } as const;
  const watcher = createWithSyncStart(store, 'w', options);
  byHand.finish();
  byHand.finish();
  byHand.fail('no');
  await gate.finish();
  expect(watcher.stats().state).toBe('running');
  await gate.finish();
  expect(watcher.stats().state).toBe('failed');
  watcher.start();
  expect(byHand.seqNums).toEqual([1, 2, 3, 3]);
});
