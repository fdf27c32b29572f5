import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { managed } from '../managed.ts';

/** A watcher, and whoever looks whether it has caught up. */
function looking(options: WatcherOptions & { readonly events?: number } = {}) {
  const all = managed({ events: 2, ...options });
  return { ...all, seen: note(all.watcher.caughtUp$) };
}

describe('caughtUp$', () => {
  it('is false before the start and while it replays, and true at the tail', () => {
    const { watcher, byHand, seen } = looking();
    watcher.start();
    byHand.finish();
    expect(seen.values).toEqual([false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true]);
  });

  it('is true at once when there is nothing to replay', () => {
    const { watcher, seen } = looking({ events: 0 });
    watcher.start();
    expect(seen.values).toEqual([false, true]);
  });

  it('is false again during a burst, and true behind it', () => {
    const { store, watcher, byHand, seen } = looking({ events: 0 });
    watcher.start();
    fillUp(store, 2);
    expect(seen.values).toEqual([false, true, false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true, false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true, false, true]);
  });

  it('is true for what the filter leaves out, without a handler being called', () => {
    const { store, watcher, byHand, seen } = looking({ events: 0, filter: { objectTypes: ['Run'] } });
    watcher.start();
    fill(store, 'Job', 'Job');
    fill(store, 'Job');
    expect(seen.values).toEqual([false, true]);
    expect(byHand.seqNums).toEqual([]);
  });

  it('is false while an event waits to be tried again', () => {
    const { clock, watcher, byHand, seen } = looking({ events: 1, initialBackoff: 100 });
    watcher.start();
    byHand.fail(new Error('no'));
    clock.advanceBy(100);
    expect(seen.values).toEqual([false]);
    byHand.finish();
    expect(seen.values).toEqual([false, true]);
  });

  it('is false while it is paused, and truthful when it goes on', () => {
    const { store, watcher, byHand, seen } = looking({ events: 0 });
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

  it('is false once it stops, and when the store closes', async () => {
    const { store, watcher, seen } = looking({ events: 0 });
    watcher.start();
    await watcher.stop();
    expect(seen.values).toEqual([false, true, false]);
    watcher.start();
    await store.close();
    await nextTurn();
    expect(seen).toMatchObject({ values: [false, true, false, true, false], error: undefined });
  });

  it('is false behind a seek that goes back, until that is made up for', async () => {
    const { watcher, byHand, seen } = looking();
    watcher.start();
    byHand.finish();
    byHand.finish();
    await watcher.seek(afterSequenceNumber(1));
    expect(seen.values.at(-1)).toBe(false);
    byHand.finish();
    expect(seen.values.at(-1)).toBe(true);
  });

  it('tells whoever comes later how it is then, and completes when the watcher is removed', async () => {
    const { manager, watcher, seen } = looking({ events: 0 });
    watcher.start();
    const late = note(watcher.caughtUp$);
    expect(late.values).toEqual([true]);
    await manager.remove('w');
    expect(seen.isComplete).toBe(true);
    expect(late).toMatchObject({ values: [true, false], isComplete: true });
    expect(note(watcher.caughtUp$)).toMatchObject({ values: [false], isComplete: true });
  });
});
