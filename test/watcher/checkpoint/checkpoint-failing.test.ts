import { EMPTY } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreClosedError, StoreError } from '../../../src/errors.ts';
import { afterSequenceNumber } from '../../../src/event/event-iterator.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

function setUp() {
  const clock = new VirtualClock();
  const { store, gate } = gatedStore(clock);
  const watcher = createWithSyncStart(store, 'w', { handler: () => EMPTY });
  return { clock, store, gate, watcher };
}

describe('a watcher with failing checkpoint writes', () => {
  it('a watcher retries a failed checkpoint write after a delay that doubles with each failure, and reports the error in lastError', async () => {
    const { clock, store, gate, watcher } = setUp();
    fillUp(store, 1);
    watcher.start();
    const diskFull = new StoreError('disk full');

    await gate.fail(diskFull);
    expect(watcher.stats()).toMatchObject({ state: 'running', lastError: diskFull, lag: 1 });
    clock.advanceBy(199);
    expect(gate.writes).toEqual([1]);
    clock.advanceBy(1);
    expect(gate.writes).toEqual([1, 1]);

    await gate.fail(diskFull);
    clock.advanceBy(399);
    expect(gate.writes).toEqual([1, 1]);
    clock.advanceBy(1);
    await gate.finish();
    expect(gate.writes).toEqual([1, 1, 1]);
    expect(watcher.stats()).toMatchObject({ state: 'running', lag: 0 });
    expect(clock.timers).toBe(0);
  });

  it('a watcher continues to call its handler after a failed checkpoint write, and stores the newest checkpoint in the retry', async () => {
    const { clock, store, gate, watcher } = setUp();
    fillUp(store, 1);
    watcher.start();
    await gate.fail(new StoreError('disk full'));
    fillUp(store, 4);
    expect(watcher.stats()).toMatchObject({ handled: 5, lag: 5 });

    clock.advanceBy(200);
    await gate.finish();
    expect(gate.writes).toEqual([1, 5]);
    expect(watcher.stats().lag).toBe(0);
  });

  it('the stats of a watcher contain only checkpoints that are stored', async () => {
    const { store, gate, watcher } = setUp();
    fillUp(store, 3);
    watcher.start();
    expect(watcher.stats()).toMatchObject({ checkpointIterator: afterSequenceNumber(0), lag: 3 });
    await gate.finish();
    expect(watcher.stats().checkpointIterator).toEqual({ type: 'after_sequence_number', sequenceNumber: 1 });
    expect(watcher.stats().lag).toBe(2);
    await gate.fail(new StoreError('disk full'));
    expect(watcher.stats().lag).toBe(2);
  });

  it('a stop retries a failed checkpoint write immediately', async () => {
    const { clock, store, gate, watcher } = setUp();
    fillUp(store, 1);
    watcher.start();
    await gate.fail(new StoreError('disk full'));

    const stopped = watcher.stop();
    expect(gate.writes).toEqual([1, 1]);
    await gate.finish();
    await stopped;
    expect(watcher.stats()).toMatchObject({ state: 'stopped', lag: 0 });
    expect(clock.timers).toBe(0);
  });

  it('a watcher stops even if each write of its checkpoint fails', async () => {
    const { clock, store, gate, watcher } = setUp();
    fillUp(store, 1);
    watcher.start();
    const stopped = watcher.stop();
    await gate.fail(new StoreError('disk full'));
    while (gate.isBusy) await gate.fail(new StoreError('disk full'));
    await stopped;
    expect(watcher.stats()).toMatchObject({ state: 'stopped', lag: 1 });
    expect(clock.timers).toBe(0);
  });

  it('a watcher does not retry a checkpoint write that fails because the store is closed', async () => {
    const { clock, store, gate, watcher } = setUp();
    fillUp(store, 1);
    watcher.start();
    await gate.fail(new StoreClosedError());
    expect(watcher.stats()).toMatchObject({ state: 'stopped', lag: 1 });
    expect(clock.timers).toBe(0);
    expect(gate.writes).toEqual([1]);
  });
});
