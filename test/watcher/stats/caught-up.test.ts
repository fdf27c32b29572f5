import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { countLatestReads } from '../../support/watcher/count-latest-reads.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { createWithSyncStart, managed } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher, and records the values of its `caughtUp$`. */
function setUp(options: WatcherOptions & { readonly events?: number } = {}) {
  const all = managed({ events: 2, ...options });
  return { ...all, seen: note(all.watcher.caughtUp$) };
}

describe('the Observable caughtUp$ of a watcher', () => {
  it('caughtUp$ emits false before the start and while stored events are handled, and true at the tail', () => {
    const { watcher, byHand, seen } = setUp();
    watcher.start();
    byHand.finish();
    expect(seen.values).toEqual([false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true]);
  });

  it('caughtUp$ reads the number of the newest event once while earlier events are handled', () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 9);
    const { view, takeReads } = countLatestReads(store);
    const byHand = new ManualHandler();
    const watcher = createWithSyncStart(view, 'w', { handler: byHand.handler });
    watcher.start();
    takeReads();
    watcher.caughtUp$.subscribe();
    while (byHand.seqNums.length < 9) byHand.finish();
    expect(takeReads()).toBe(1);
  });

  it('caughtUp$ emits true immediately after the start if the log is empty', () => {
    const { watcher, seen } = setUp({ events: 0 });
    watcher.start();
    expect(seen.values).toEqual([false, true]);
  });

  it('caughtUp$ emits false while new events are handled, and true when they are handled', () => {
    const { store, watcher, byHand, seen } = setUp({ events: 0 });
    watcher.start();
    fillUp(store, 2);
    expect(seen.values).toEqual([false, true, false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true, false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true, false, true]);
  });

  it('caughtUp$ does not emit false if the filter excludes all new events', () => {
    const { store, watcher, byHand, seen } = setUp({ events: 0, filter: { objectTypes: ['Run'] } });
    watcher.start();
    fill(store, 'Job', 'Job');
    fill(store, 'Job');
    expect(seen.values).toEqual([false, true]);
    expect(byHand.seqNums).toEqual([]);
  });

  it('caughtUp$ does not emit true during the backoff of an event', () => {
    const { clock, watcher, byHand, seen } = setUp({ events: 1, initialBackoff: 100 });
    watcher.start();
    byHand.fail(new Error('no'));
    clock.advanceBy(100);
    expect(seen.values).toEqual([false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true]);
  });

  it('caughtUp$ emits false during a pause, and true after the pause only if no event is pending', () => {
    const { store, watcher, byHand, seen } = setUp({ events: 0 });
    watcher.start();
    watcher.pause();
    watcher.resume();
    expect(seen.values).toEqual([false, true, false, true]);
    watcher.pause();
    fillUp(store, 1);
    watcher.resume();
    expect(seen.values.slice(4)).toEqual([false]);
    byHand.finish();
    expect(seen.values.slice(4)).toEqual([false, true]);
  });

  it('caughtUp$ emits false after a stop and after the store closes', async () => {
    const { store, watcher, seen } = setUp({ events: 0 });
    watcher.start();
    await watcher.stop();
    expect(seen.values).toEqual([false, true, false]);
    watcher.start();
    await store.close();
    await nextTurn();
    expect(seen).toMatchObject({ values: [false, true, false, true, false], error: undefined });
  });

  it('caughtUp$ emits false after a seek backwards until the events after the target are handled again', async () => {
    const { watcher, byHand, seen } = setUp();
    watcher.start();
    byHand.finish();
    byHand.finish();
    await watcher.seek(afterSequenceNumber(1));
    expect(seen.values.at(-1)).toBe(false);
    byHand.finish();
    expect(seen.values.at(-1)).toBe(true);
  });

  it('caughtUp$ emits the current value to a late subscriber, and completes when the watcher is removed', async () => {
    const { manager, watcher, seen } = setUp({ events: 0 });
    watcher.start();
    const late = note(watcher.caughtUp$);
    expect(late.values).toEqual([true]);
    await manager.remove('w');
    expect(seen.isComplete).toBe(true);
    expect(late).toMatchObject({ values: [true, false], isComplete: true });
    expect(note(watcher.caughtUp$)).toMatchObject({ values: [false], isComplete: true });
  });
});
