import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SequenceTrimmedError } from '../../../src/errors.ts';
import { atSequenceNumber, trimHorizon } from '../../../src/event/event-iterator.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { inVirtualTime } from '../../support/virtual-time.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

function setUp(options: CreateWatcherOptions = {}) {
  const clock = new VirtualClock();
  const { store, trim } = trimmableStore(clock);
  fillUp(store, 10);
  const seqNums: number[] = [];
  const handler = ({ seqNum }: { seqNum: number }) => {
    seqNums.push(seqNum);
  };
  const watcher = createWithSyncStart(store, 'w', { handler, ...options });
  return { clock, store, trim, watcher, seqNums };
}

describe('a watcher of a trimmed log', () => {
  it('a watcher fails, and keeps no timer, if the event after its checkpoint is trimmed', async () => {
    const { clock, store, trim, watcher, seqNums } = setUp();
    await store.storeCheckpoint('w', 3);
    trim(5);
    watcher.start();

    expect(watcher.stats().state).toBe('failed');
    expect(watcher.stats().lastError).toBeInstanceOf(SequenceTrimmedError);
    expect(watcher.stats().lastError).toMatchObject({ requested: 3, oldest: 6 });
    expect(seqNums).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('a watcher fails if its initialEventIterator is at a trimmed event', () => {
    const { trim, watcher } = setUp({ initialEventIterator: atSequenceNumber(2) });
    trim(5);
    watcher.start();
    expect(watcher.stats()).toMatchObject({ state: 'failed', lastError: { requested: 2, oldest: 6 } });
  });

  it('a watcher fails when it is restarted if unhandled events were trimmed while it was stopped', async () => {
    const { store, trim, watcher, seqNums } = setUp();
    watcher.start();
    await watcher.stop();
    fillUp(store, 5);
    trim(12);
    watcher.start();
    expect(watcher.stats().state).toBe('failed');
    expect(seqNums).toHaveLength(10);
  });

  it('a watcher of a trimmed log starts with the oldest remaining event if its initialEventIterator is trimHorizon()', () => {
    const { trim, watcher, seqNums } = setUp({ initialEventIterator: trimHorizon() });
    trim(7);
    watcher.start();
    expect(watcher.stats().state).toBe('running');
    expect(seqNums).toEqual([8, 9, 10]);
  });

  it('a watcher continues if only events up to its checkpoint were trimmed', async () => {
    const { store, trim, watcher, seqNums } = setUp();
    await store.storeCheckpoint('w', 5);
    trim(5);
    watcher.start();
    expect(watcher.stats().state).toBe('running');
    expect(seqNums).toEqual([6, 7, 8, 9, 10]);
  });

  it('a watcher that has failed at trimmed events fails again if it is restarted', async () => {
    const { store, trim, watcher } = setUp();
    await store.storeCheckpoint('w', 3);
    trim(5);
    watcher.start();
    watcher.start();
    expect(watcher.stats().state).toBe('failed');
  });

  it(
    'watch errors with a SequenceTrimmedError if the watcher starts at a trimmed event',
    inVirtualTime(({ expectObservable, scheduler }) => {
      const { store, trim } = trimmableStore(scheduler);
      fillUp(store, 10);
      trim(5);
      const watched = watch(store, 'w', { handler: () => EMPTY, initialEventIterator: atSequenceNumber(2) });

      expectObservable(watched).toBe('#', undefined, new SequenceTrimmedError(2, 6));
    }),
  );
});
