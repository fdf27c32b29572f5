import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart, managed } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher that has handled event 1 and failed at event 2. The store has rejected its checkpoint. */
async function failed() {
  const setup = managed({ retryStrategy: 'stop', maxRetries: 0, autoStart: true });
  const { store, byHand, watcher } = setup;
  const { storeCheckpoint } = store;
  Object.assign(store, { storeCheckpoint: () => Promise.reject(new StoreError('disk full')) });
  byHand.finish();
  await nextTurn();
  byHand.fail('no');
  await nextTurn();
  Object.assign(store, { storeCheckpoint });
  expect(watcher.stats().state).toBe('failed');
  return setup;
}

describe('a failed watcher with a last checkpoint that the store has rejected', () => {
  it('a failed watcher does not retry the failed write of its last checkpoint, and handles the event again after a restart', async () => {
    const { clock, watcher, byHand, stored } = await failed();
    clock.advanceBy(1000);
    await nextTurn();

    expect(clock.timers).toBe(0);
    expect(await stored()).toBe(0);
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 2, 1]);
  });

  it('a failed watcher does not retry the failed write of its last checkpoint after a seek', async () => {
    const { clock, watcher, byHand, stored } = await failed();
    await watcher.seek(afterSequenceNumber(0));
    clock.advanceBy(1000);
    await nextTurn();

    expect(byHand.seqNums).toEqual([1, 2, 1]);
    expect(await stored()).toBe(0);
    expect(watcher.stats()).toMatchObject({ state: 'running', lag: 3 });
  });

  it('a failed watcher does not retry the failed write of its last checkpoint during its next run', async () => {
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

it('a watcher enters state failed only after its last checkpoint is stored', async () => {
  const { store, gate } = gatedStore();
  fillUp(store, 3);
  const byHand = new ManualHandler();
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

describe('a watcher that fails while another event is in flight', () => {
  it('a watcher does not count an attempt that its failure has aborted when it is started again', () => {
    const options = { retryStrategy: 'stop', maxRetries: 0, concurrency: 2 } as const;
    const { watcher, byHand } = managed({ events: 2, keyOf: ({ seqNum }) => String(seqNum), ...options });
    watcher.start();
    byHand.fail('no', 1);
    expect(watcher.stats().state).toBe('failed');
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 2, 1, 2]);
    expect(byHand.contexts.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 1]);
  });
});
