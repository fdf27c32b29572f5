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
  it.each<[string, number, EventIterator, number]>([
    ['trimHorizon()', 1, trimHorizon(), 0],
    ['trimHorizon() after a trim of three events', 4, trimHorizon(), 3],
    ['number 3', 3, atSequenceNumber(3), 0],
    ['number 1', 1, atSequenceNumber(1), 0],
    ['number 0', 1, atSequenceNumber(0), 0],
    ['number 4 after a trim of three events', 4, atSequenceNumber(4), 3],
    ['the position after number 3', 4, afterSequenceNumber(3), 0],
    ['the position after number 3, after a trim of three events,', 4, afterSequenceNumber(3), 3],
    ['the time of event 3', 3, at(20), 0],
    ['a time between events 3 and 4', 4, at(21), 0],
    ['the time of event 1 after a trim of three events', 4, at(0), 3],
  ])('a seek to %s makes the watcher continue with event %i', async (_name, first, target, trimmedCount) => {
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
    ['the position after the last event', afterSequenceNumber(5), 0],
    ['a future time', at(1000), 0],
    ['trimHorizon() of an emptied log', trimHorizon(), 5],
  ])('a seek to %s makes the watcher wait for the next event', async (_name, target, trimmedCount) => {
    const { store, watcher, byHand, error } = await seekTo(target, trimmedCount);
    expect(error).toBeUndefined();
    expect(byHand.seqNums).toEqual([]);
    expect(watcher.stats()).toMatchObject({ state: 'running', checkpointIterator: afterSequenceNumber(5) });
    fillUp(store, 1);
    expect(byHand.seqNums).toEqual([6]);
  });

  it.each<[string, unknown, number, new (...args: never[]) => Error]>([
    ['a trimmed event', atSequenceNumber(3), 3, SequenceTrimmedError],
    ['a position before trimmed events', afterSequenceNumber(2), 3, SequenceTrimmedError],
    ['an event after the next number', atSequenceNumber(7), 0, CheckpointError],
    ['a position after the end of the log', afterSequenceNumber(6), 0, CheckpointError],
    ['an unknown iterator type', { type: 'somewhere' }, 0, InvalidOptionsError],
    ['a negative number', { type: 'at_sequence_number', sequenceNumber: -1 }, 0, InvalidOptionsError],
    ['undefined', undefined, 0, InvalidOptionsError],
  ])('a seek to %s is rejected, and changes nothing', async (_name, target, trimmedCount, kind) => {
    const { watcher, byHand, error } = await seekTo(target as EventIterator, trimmedCount);
    expect(error).toBeInstanceOf(kind);
    expect(watcher.stats()).toMatchObject({ state: 'idle', checkpointIterator: trimHorizon() });
    expect(byHand.seqNums).toEqual([]);
  });

  it('a seek is rejected if the store is closed', async () => {
    const { store, watcher, byHand } = await seekTo(trimHorizon());
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    await store.close();
    await expect(watcher.seek(trimHorizon())).rejects.toThrow(StoreClosedError);
  });

  it('a seek to number 0 in an empty log makes the watcher continue with the first event', async () => {
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
