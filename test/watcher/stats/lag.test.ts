import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { afterSequenceNumber, latest } from '../../../src/event/event-iterator.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';
import { createWithSyncStart, managed, started, statsWhen } from '../../support/watcher/managed-watcher.ts';

const handler = () => EMPTY;

describe('the figure lag of a watcher', () => {
  it('lag is the number of events after the stored checkpoint', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 5);
    const watcher = createWithSyncStart(store, 'w', { handler, autoStart: true });
    expect(watcher.stats()).toMatchObject({ handled: 5, lag: 5 });
    await gate.finish();
    expect(watcher.stats().lag).toBe(4);
    fillUp(store, 2);
    expect(watcher.stats().lag).toBe(6);
    await gate.finish();
    await gate.finish();
    expect(watcher.stats().lag).toBe(0);
  });

  it('lag increases when events are stored while no event is handled', () => {
    const { store, watcher } = started({ events: 3 });
    expect(watcher.stats().lag).toBe(3);
    fillUp(store, 4);
    expect(watcher.stats().lag).toBe(7);
  });

  it('lag is 0 for a watcher with automatic checkpoints that has handled all events', async () => {
    const { watcher } = started({ events: 3, handler });
    expect((await statsWhen(watcher, ({ lag }) => lag === 0)).handled).toBe(3);
  });

  it('lag is computed from the manual checkpoint, not from the last handled event', async () => {
    const { watcher } = started({ events: 5, handler, checkpoint: 'manual' });
    expect(watcher.stats()).toMatchObject({ handled: 5, lag: 5 });
    await watcher.checkpoint(4);
    expect(watcher.stats().lag).toBe(1);
  });

  it('after a start, lag is computed from the stored checkpoint', async () => {
    const { store, watcher } = managed({ events: 5 });
    await store.storeCheckpoint('w', 3);
    watcher.start();
    expect(watcher.stats().lag).toBe(2);
  });

  it.each([
    ['afterSequenceNumber(3)', afterSequenceNumber(3), 4],
    ['latest()', latest(), 2],
  ] as const)(
    'lag is computed from initialEventIterator if there is no checkpoint: %s',
    (_name, initialEventIterator, lag) => {
      const { store, watcher } = started({ events: 5, initialEventIterator, checkpoint: 'manual', handler });
      fillUp(store, 2);
      expect(watcher.stats().lag).toBe(lag);
    },
  );

  it('lag does not include trimmed events if the watcher starts with the oldest event', () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 10);
    trim(7);
    const watcher = createWithSyncStart(store, 'w', { handler, checkpoint: 'manual', autoStart: true });
    expect(watcher.stats()).toMatchObject({ handled: 3, lag: 3 });
  });

  it('lag is computed from the last processed event if the watcher is ephemeral', () => {
    const { store, watcher, byHand } = started({ events: 3, ephemeral: true });
    expect(watcher.stats().lag).toBe(3);
    byHand.finish();
    byHand.finish();
    expect(watcher.stats().lag).toBe(1);
    byHand.finish();
    expect(watcher.stats().lag).toBe(0);
    fillUp(store, 1);
    expect(watcher.stats().lag).toBe(1);
  });

  it('lag does not include events that the filter excludes', () => {
    const filter = { objectTypes: ['Run'] };
    const { watcher } = started({ events: 3, ephemeral: true, handler, filter });
    expect(watcher.stats().lag).toBe(0);
  });

  it('lag does not change when the store is closed', async () => {
    const { store, watcher } = started({ events: 3 });
    expect(watcher.stats().lag).toBe(3);
    await store.close();
    expect(watcher.stats().lag).toBe(3);
  });

  it('after a seek, lag is computed from the target', async () => {
    const { watcher, byHand } = started({ events: 3 });
    for (let i = 0; i < 3; i++) byHand.finish();
    await statsWhen(watcher, ({ lag }) => lag === 0);
    await watcher.seek(afterSequenceNumber(1));
    expect(watcher.stats().lag).toBe(2);
  });
});
