import { afterSequenceNumber } from 'rx-watcher';
import { delayWhen, identity, type MonoTypeOperatorFunction, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher with the first of four events in flight. The test ends later reads of the latest number. */
function startOnSlowStore() {
  const clock = new VirtualClock();
  const memory = createMemoryStore({ scheduler: clock });
  fillUp(memory, 4);
  const finished = new Subject<void>();
  let delayRead: MonoTypeOperatorFunction<number> = identity;
  const store: EventStore = { ...memory, getLatestSeqNum: () => memory.getLatestSeqNum().pipe(delayRead) };
  const byHand = new ManualHandler();
  const watcher = createWithSyncStart(store, 'w', { handler: byHand.handler });
  watcher.start();
  delayRead = delayWhen(() => finished);
  const finishReads = () => {
    delayRead = identity;
    finished.next();
  };
  return { clock, byHand, watcher, finishReads };
}

describe('a seek on an asynchronous engine', () => {
  it('a seek delivers no other event after the attempt in flight while the position of the target is being read', async () => {
    const { clock, byHand, watcher, finishReads } = startOnSlowStore();
    const sought = watcher.seek(afterSequenceNumber(3));
    byHand.finish();
    expect(byHand.seqNums).toEqual([1]);

    finishReads();
    await sought;
    clock.advanceBy(0);
    expect(byHand.seqNums).toEqual([1, 4]);
  });

  it('a seek is rejected when the read of its position shows an invalid target, and the next event is then delivered', async () => {
    const { byHand, watcher, finishReads } = startOnSlowStore();
    const rejection = failureOf(watcher.seek(afterSequenceNumber(99)));
    byHand.finish();
    expect(byHand.seqNums).toEqual([1]);

    finishReads();
    expect(await rejection).toBeInstanceOf(CheckpointError);
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});
