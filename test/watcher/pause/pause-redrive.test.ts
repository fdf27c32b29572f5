import { describe, expect, it } from 'vitest';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

/** Stops a watcher after two events, of which the first became a dead letter, and starts a redrive. */
async function redriving() {
  const byHand = new ManualHandler();
  const all = managed({
    events: 2,
    handler: byHand.handler,
    retryStrategy: 'deadLetter',
    maxRetries: 0,
  });
  const { watcher, manager } = all;
  watcher.start();
  byHand.fail(new Error('no'));
  await nextTurn();
  const stopped = watcher.stop();
  byHand.finish();
  await stopped;
  await all.store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: null });
  const redriven = manager.redrive('w');
  await nextTurn();
  expect(byHand.seqNums).toEqual([1, 2, 1]);
  return { ...all, byHand, redriven };
}

describe('a watcher that is started during a redrive', () => {
  it('a watcher that is started during a redrive is paused until the redrive has ended', async () => {
    const { watcher, byHand, redriven } = await redriving();
    watcher.start();
    expect(watcher.stats().state).toBe('paused');
    byHand.finish();
    await redriven;
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2, 1, 3]);
  });

  it('a watcher that is started during a redrive stays paused afterwards if pause was called during the redrive', async () => {
    const { watcher, byHand, redriven } = await redriving();
    watcher.start();
    watcher.pause();
    byHand.finish();
    await redriven;
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([1, 2, 1]);
    watcher.resume();
    expect(byHand.seqNums).toEqual([1, 2, 1, 3]);
  });
});
