import { afterSequenceNumber, latest, type Watcher } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { managed, statsIn } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher of events that were stored at 0, 10 and 20 ms. */
function staggered(options: Parameters<typeof managed>[0] = {}) {
  const all = managed({ ...options, events: 0 });
  for (let count = 0; count < 3; count++) {
    fillUp(all.store, 1);
    all.clock.advanceBy(10);
  }
  return { ...all, lagTime: () => all.watcher.stats().lagTime };
}

describe('the figure lagTime of a watcher', () => {
  it('before the first start, lagTime is the age of the oldest event', () => {
    const { clock, lagTime } = staggered();
    clock.advanceBy(1000);
    expect(lagTime()).toBe(1030);
  });

  it('before the first start, lagTime is the age of the event after the stored checkpoint', async () => {
    const { store, lagTime } = staggered();
    await store.storeCheckpoint('w', 2);
    expect(lagTime()).toBe(10);
  });

  it('before the first start, lagTime is 0 if initialEventIterator is latest()', () => {
    const { clock, watcher } = staggered({ initialEventIterator: latest() });
    clock.advanceBy(1000);
    expect(watcher.stats()).toMatchObject({ lag: 0, lagTime: 0 });
  });

  it.each([
    ['paused', (watcher: Watcher) => watcher.pause()],
    ['stopped', (watcher: Watcher) => void watcher.stop()],
  ])('lagTime is the age of the event after the checkpoint if the watcher is %s', (state, command) => {
    const { store, clock, watcher, byHand } = staggered();
    watcher.start();
    command(watcher);
    byHand.finish();
    fillUp(store, 1);
    clock.advanceBy(1000);
    expect(watcher.stats()).toMatchObject({ state, lag: 3, lagTime: 1020 });
  });

  it('lagTime is the age of the event at which the watcher has failed', async () => {
    const fail = () => {
      throw new Error('no');
    };
    const { clock, watcher } = staggered({ handler: fail, retryStrategy: 'stop', maxRetries: 0 });
    watcher.start();
    await statsIn(watcher, 'failed');
    clock.advanceBy(1000);
    expect(watcher.stats()).toMatchObject({ state: 'failed', lag: 3, lagTime: 1030 });
  });

  it('lagTime is computed from the last processed event if the watcher is ephemeral', () => {
    const { watcher, byHand, lagTime } = staggered({ ephemeral: true });
    watcher.start();
    byHand.finish();
    expect(lagTime()).toBe(20);
  });

  it('lagTime is the age of the event in flight', () => {
    const { clock, watcher, byHand, lagTime } = staggered();
    watcher.start();
    expect(lagTime()).toBe(30);
    clock.advanceBy(5);
    expect(lagTime()).toBe(35);
    byHand.finish();
    expect(lagTime()).toBe(25);
    byHand.finish();
    expect(lagTime()).toBe(15);
  });

  it('lagTime is 0 at the tail of the log', () => {
    const { clock, watcher, lagTime } = staggered({ handler: () => undefined });
    watcher.start();
    clock.advanceBy(1000);
    expect(lagTime()).toBe(0);
  });

  it('lagTime increases during a backoff and during a pause', () => {
    const { clock, watcher, byHand, lagTime } = staggered({ initialBackoff: 100 });
    watcher.start();
    byHand.fail(new Error('no'));
    clock.advanceBy(50);
    expect(lagTime()).toBe(80);
    watcher.pause();
    clock.advanceBy(100);
    expect(lagTime()).toBe(180);
  });

  it('lagTime does not include events that the filter excludes', () => {
    const { clock, watcher, lagTime } = staggered({ filter: { objectTypes: ['Run'] } });
    watcher.start();
    clock.advanceBy(1000);
    expect(lagTime()).toBe(0);
  });

  it('lagTime is the age of the oldest event in flight, even if later events of other keys are handled', () => {
    const byHand = new ManualHandler();
    const { clock, store, watcher } = managed({
      events: 0,
      concurrency: 2,
      keyOf: ({ objectType }: Event) => objectType,
      handler: byHand.handler,
    });
    const lagTime = () => watcher.stats().lagTime;
    watcher.start();
    fill(store, 'a');
    clock.advanceBy(10);
    fill(store, 'b');
    byHand.finish(2);
    expect(lagTime()).toBe(10);
    fill(store, 'b');
    byHand.finish(1);
    expect(lagTime()).toBe(0);
    clock.advanceBy(7);
    expect(lagTime()).toBe(7);
  });

  it('lagTime is 0, not negative, after the clock is set back', () => {
    const { clock, watcher, lagTime } = staggered();
    watcher.start();
    clock.frame = -1000;
    expect(lagTime()).toBe(0);
  });

  it('after a seek, lagTime is the age of the first event after the target', async () => {
    const { watcher, byHand, lagTime } = staggered();
    watcher.start();
    byHand.finish();
    const sought = watcher.seek(afterSequenceNumber(2));
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(byHand.seqNums.at(-1)).toBe(3);
    expect(lagTime()).toBe(10);
  });
});
