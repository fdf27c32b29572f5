import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../support/next-turn.ts';
import { started, statsIn } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher of three events and pauses it during the first. */
function paused() {
  const all = started();
  all.watcher.pause();
  return all;
}

describe('a paused watcher that is stopped', () => {
  it('a paused watcher that is stopped waits for the attempt in flight, and stores its checkpoint', async () => {
    const { watcher, byHand, stored } = paused();
    const stopped = watcher.stop();
    expect(watcher.stats().state).toBe('stopping');
    byHand.finish();
    await stopped;
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
    expect(await stored()).toBe(1);
  });

  it('a paused watcher stops immediately if no attempt is in flight, and leaves no timer', async () => {
    const { clock, watcher, byHand } = paused();
    byHand.finish();
    await watcher.stop();
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
    expect(clock.timers).toBe(0);
  });

  it('a paused watcher stops immediately during a backoff', async () => {
    const { clock, watcher, byHand } = paused();
    byHand.fail(new Error('no'));
    await watcher.stop();
    expect(byHand.seqNums).toEqual([1]);
    expect(clock.timers).toBe(0);
  });

  it('a paused watcher that is stopped and started again is not paused', async () => {
    const { watcher, byHand } = paused();
    byHand.finish();
    await watcher.stop();
    watcher.start();
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});

describe('a paused watcher that seeks', () => {
  it('a paused watcher that seeks continues at the target of the seek, and is no longer paused', async () => {
    const { watcher, byHand, stored } = paused();
    byHand.finish();
    await watcher.seek(afterSequenceNumber(2));
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 3]);
    expect(await stored()).toBe(2);
  });

  it('a paused watcher stays paused if a seek is rejected', async () => {
    const { watcher, byHand } = paused();
    byHand.finish();
    await expect(watcher.seek(afterSequenceNumber(9))).rejects.toThrow();
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([1]);
  });
});

describe('a paused watcher of a store that closes', () => {
  it('a paused watcher stops without a delivery when its store closes', async () => {
    const { store, watcher, byHand } = paused();
    byHand.finish();
    await store.close();
    await statsIn(watcher, 'stopped');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a paused watcher waits for the attempt in flight when its store closes, and then stops', async () => {
    const { store, watcher, byHand } = paused();
    const closed = store.close();
    await nextTurn();
    byHand.finish();
    await closed;
    expect((await statsIn(watcher, 'stopped')).handled).toBe(1);
    expect(byHand.seqNums).toEqual([1]);
  });
});
