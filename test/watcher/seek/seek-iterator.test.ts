import { describe, expect, it } from 'vitest';
import {
  CheckpointError,
  InvalidOptionsError,
  SequenceTrimmedError,
  StoreClosedError,
} from '../../../src/errors.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../../src/event/event-iterator.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';

/** Seeks an idle watcher in a log of five events, stored at 0, 10, 20, 30 and 40 ms. Trims the oldest events before. */
async function seekTo(target: EventIterator, trimmedCount = 0) {
  const clock = new VirtualClock();
  const { store, trim } = trimmableStore(clock);
  for (let count = 0; count < 5; count++) {
    fillUp(store, 1);
    clock.advanceBy(10);
  }
  trim(trimmedCount);
  const byHand = new ManualHandler();
  const watcher = createManager(store).create('w', { handler: byHand.handler });
  const error = watcher.seek(target).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await nextTurn();
  // The read of the target position ends after a timer of 0 ms if it finds no event.
  clock.advanceBy(0);
  return { store, watcher, byHand, error: await error };
}

const at = (milliseconds: number) => atTimestamp(new Date(milliseconds));

describe('a seek with an event iterator', () => {
  it.each<[string, EventIterator, number, number]>([
    ['the oldest event for trimHorizon()', trimHorizon(), 0, 1],
    ['the oldest event after a trim for trimHorizon()', trimHorizon(), 3, 4],
    ['an event, by its number', atSequenceNumber(3), 0, 3],
    ['the first event, by its number', atSequenceNumber(1), 0, 1],
    ['the first event for number 0', atSequenceNumber(0), 0, 1],
    ['the oldest event after a trim, by its number', atSequenceNumber(4), 3, 4],
    ['the event after a number', afterSequenceNumber(3), 0, 4],
    ['the oldest event after a trim, by the number before it', afterSequenceNumber(3), 3, 4],
    ['the event stored at a time', at(20), 0, 3],
    ['the next event after a time between two events', at(21), 0, 4],
    ['the oldest event for a time before all events', at(0), 3, 4],
  ])('a seek makes the watcher continue with %s', async (_name, target, trimmedCount, first) => {
    const { watcher, byHand, error } = await seekTo(target, trimmedCount);
    expect(error).toBeUndefined();
    expect(byHand.seqNums).toEqual([first]);
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      checkpointIterator: afterSequenceNumber(first - 1),
    });
  });

  it.each<[string, EventIterator, number]>([
    ['latest()', latest(), 0],
    ['the next number', atSequenceNumber(6), 0],
    ['after the last event', afterSequenceNumber(5), 0],
    ['a future time', at(1000), 0],
    ['trimHorizon() of an emptied log', trimHorizon(), 5],
  ])(
    'a seek makes the watcher wait for the next event if the target is the end of the log: %s',
    async (_name, target, trimmedCount) => {
      const { store, watcher, byHand, error } = await seekTo(target, trimmedCount);
      expect(error).toBeUndefined();
      expect(byHand.seqNums).toEqual([]);
      expect(watcher.stats()).toMatchObject({ state: 'running', checkpointIterator: afterSequenceNumber(5) });
      fillUp(store, 1);
      expect(byHand.seqNums).toEqual([6]);
    },
  );

  it.each<[string, unknown, number, new (...args: never[]) => Error]>([
    ['a trimmed event', atSequenceNumber(3), 3, SequenceTrimmedError],
    ['a position before trimmed events', afterSequenceNumber(2), 3, SequenceTrimmedError],
    ['an event after the next number', atSequenceNumber(7), 0, CheckpointError],
    ['a position after the end of the log', afterSequenceNumber(6), 0, CheckpointError],
    ['an unknown iterator type', { type: 'somewhere' }, 0, InvalidOptionsError],
    ['a negative number', { type: 'at_sequence_number', sequenceNumber: -1 }, 0, InvalidOptionsError],
    ['undefined', undefined, 0, InvalidOptionsError],
  ])(
    'a seek is rejected if the target is not valid, and changes nothing: %s',
    async (_name, target, trimmedCount, kind) => {
      const { watcher, byHand, error } = await seekTo(target as EventIterator, trimmedCount);
      expect(error).toBeInstanceOf(kind);
      expect(watcher.stats()).toMatchObject({ state: 'idle', checkpointIterator: trimHorizon() });
      expect(byHand.seqNums).toEqual([]);
    },
  );

  it('a seek is rejected if the store is closed', async () => {
    const { store, watcher, byHand } = await seekTo(trimHorizon());
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    await store.close();
    await expect(watcher.seek(trimHorizon())).rejects.toThrow(StoreClosedError);
  });

  it('a seek makes the watcher continue with the first event if the target is number 0 of an empty log', async () => {
    const clock = new VirtualClock();
    const { store } = trimmableStore(clock);
    const byHand = new ManualHandler();
    const watcher = createManager(store).create('w', { handler: byHand.handler });
    const seekDone = watcher.seek(atSequenceNumber(0));
    await nextTurn();
    clock.advanceBy(0);
    await seekDone;
    fillUp(store, 1);
    expect(byHand.seqNums).toEqual([1]);
  });
});
