import { afterSequenceNumber } from 'rx-watcher';
import { delayWhen, identity, type MonoTypeOperatorFunction, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { fillUp } from '../delivery/fill.ts';
import { createWithSyncStart } from '../managed.ts';

/** A watcher that is handling the first of four events, on a store whose reads of the latest number are answered by hand. */
function onSlowStore() {
  const clock = new VirtualClock();
  const memory = createMemoryStore({ scheduler: clock });
  fillUp(memory, 4);
  const answer = new Subject<void>();
  let slowly: MonoTypeOperatorFunction<number> = identity;
  const store: EventStore = { ...memory, getLatestSeqNum: () => memory.getLatestSeqNum().pipe(slowly) };
  const byHand = new ByHand();
  const watcher = createWithSyncStart(store, 'w', { handler: byHand.handler });
  watcher.start();
  slowly = delayWhen(() => answer);
  const answerAll = () => {
    slowly = identity;
    answer.next();
  };
  return { clock, byHand, watcher, answerAll };
}

describe('a seek on an engine that reads asynchronously', () => {
  it('delivers no event that waits behind the attempt in flight while the target is read', async () => {
    const { clock, byHand, watcher, answerAll } = onSlowStore();
    const sought = watcher.seek(afterSequenceNumber(3));
    byHand.finish();
    expect(byHand.seqNums).toEqual([1]);

    answerAll();
    await sought;
    clock.advanceBy(0);
    expect(byHand.seqNums).toEqual([1, 4]);
  });

  it('lets the waiting events pass when the target turns out to be refused', async () => {
    const { byHand, watcher, answerAll } = onSlowStore();
    const refused = failureOf(watcher.seek(afterSequenceNumber(99)));
    byHand.finish();
    expect(byHand.seqNums).toEqual([1]);

    answerAll();
    expect(await refused).toBeInstanceOf(CheckpointError);
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});
