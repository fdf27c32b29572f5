import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { createWithSyncStart, statsWhen, withSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher of events with these keys, on a store that records the limits of its reads. */
function startKeyed(keys: string, options: CreateWatcherOptions = {}) {
  const clock = new VirtualClock();
  const memory = createMemoryStore({ scheduler: clock });
  const reads: number[] = [];
  const store: typeof memory = {
    ...memory,
    getEvents: (request) => {
      reads.push(request.limit ?? 0);
      return memory.getEvents(request);
    },
  };
  fillKeys(store, keys);
  const byHand = new ManualHandler();
  const manager = createManager(store);
  const allOptions = { handler: byHand.handler, keyOf, concurrency: 9, ...options };
  const watcher = withSyncStart(store, manager.create('w', allOptions));
  watcher.start();
  const stored = () => firstValueFrom(store.getCheckpoint('w'));
  return { clock, store, reads, byHand, watcher, stored };
}

describe('a keyed watcher with an event that stays in flight (the blocked event)', () => {
  it('a keyed watcher handles all events of other keys while one event stays in flight, and requests at most bufferSize events per page', () => {
    const { byHand, reads, clock } = startKeyed('abbcbbbb', { bufferSize: 4 });
    expect(byHand.inFlight).toEqual([1, 2, 4]);
    byHand.finish(2, 3, 4);
    clock.advanceBy(0);
    expect(byHand.inFlight).toEqual([1, 5]);
    expect(reads.every((limit) => limit <= 4)).toBe(true);
    byHand.finish(5, 6, 7);
    clock.advanceBy(0);
    byHand.finish(8);
    expect(byHand.inFlight).toEqual([1]);
    expect(byHand.seqNums).toHaveLength(8);
  });

  it('a keyed watcher reads one page, not several, after all events that settle in one turn of the event loop', () => {
    const { byHand, reads, clock } = startKeyed('abcdefgh', { bufferSize: 4 });
    byHand.finish(1, 2, 3);
    expect(reads).toEqual([4]);
    clock.advanceBy(0);
    expect(reads).toEqual([4, 3]);
    expect(byHand.inFlight).toEqual([4, 5, 6, 7]);
  });

  it('a keyed watcher stops handling other keys only when the events that wait for one key fill the buffer', () => {
    const { store, byHand, reads, clock } = startKeyed('aab', { bufferSize: 3 });
    byHand.finish(3);
    fillKeys(store, 'ab');
    clock.advanceBy(0);
    expect(byHand.inFlight).toEqual([1]);
    const readsBefore = reads.length;
    fillKeys(store, 'bb');
    clock.advanceBy(60_000);
    expect(byHand.inFlight).toEqual([1]);
    expect(reads).toHaveLength(readsBefore);

    byHand.finish(1);
    clock.advanceBy(0);
    expect(byHand.inFlight).toEqual([2, 5]);
  });

  it('a keyed watcher keeps its checkpoint before an event in flight while later events of other keys are handled', async () => {
    const { byHand, watcher, stored } = startKeyed('abcbc');
    byHand.finish(2, 3, 4, 5);
    await nextTurn();
    expect(await stored()).toBe(0);
    byHand.finish(1);
    await statsWhen(watcher, ({ lag }) => lag === 0);
    expect(await stored()).toBe(5);
  });

  it('a keyed watcher writes no checkpoint for an event that is handled while an earlier event is in flight', async () => {
    const { store, gate } = gatedStore();
    fillKeys(store, 'abbcb');
    const byHand = new ManualHandler();
    createWithSyncStart(store, 'w', { handler: byHand.handler, keyOf, concurrency: 9, autoStart: true });
    byHand.finish(1);
    await gate.finish();
    byHand.finish(4);
    await nextTurn();
    expect(gate.writes).toEqual([1]);
    byHand.finish(2);
    await gate.finish();
    expect(gate.writes).toEqual([1, 2]);
    byHand.finish(3);
    await gate.finish();
    expect(gate.writes).toEqual([1, 2, 4]);
  });

  it('the stats of a keyed watcher include the handled events of other keys, lag, lagTime and lastError while one event is retried', async () => {
    const { clock, store, byHand, watcher, stored } = startKeyed('abcc', {
      initialBackoff: 10,
      maxBackoff: 10,
    });
    const cause = new Error('no');
    byHand.finish(2, 3, 4);
    for (let i = 0; i < 5; i++) {
      byHand.fail(cause, 1);
      clock.advanceBy(10);
    }
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      handled: 3,
      retries: 5,
      lag: 4,
      lagTime: 50,
      lastProcessedSeqNum: 4,
      lastError: { cause, seqNum: 1, attempts: 5 },
    });
    fillKeys(store, 'b');
    expect(watcher.stats().lag).toBe(5);
    expect(await stored()).toBe(0);
    byHand.finish(1, 5);
    expect(await statsWhen(watcher, ({ lag }) => lag === 0)).toMatchObject({ lagTime: 0, handled: 5 });
  });

  it('a keyed watcher keeps its checkpoint before an event in flight even if checkpointInterval passes', async () => {
    const { clock, byHand, stored, watcher } = startKeyed('ab', { filter: { operations: ['CREATE'] } });
    byHand.finish(2);
    clock.advanceBy(5000);
    await nextTurn();
    expect((await stored()) ?? 0).toBe(0);
    expect(watcher.stats()).toMatchObject({ handled: 1, lag: 2 });
  });
});
