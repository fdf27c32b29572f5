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
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { fillUp } from '../delivery/fill.ts';
import { trimmableStore } from '../delivery/log-stores.ts';

/** A stopped watcher of five events, stored at 0, 10, 20, 30 and 40, of which so many are gone. */
async function sought(target: EventIterator, gone = 0) {
  const clock = new VirtualClock();
  const { store, trim } = trimmableStore(clock);
  for (let count = 0; count < 5; count++) {
    fillUp(store, 1);
    clock.advanceBy(10);
  }
  trim(gone);
  const byHand = new ByHand();
  const watcher = createManager(store).create('w', { handler: byHand.handler });
  const error = watcher.seek(target).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await nextTurn();
  // Where there is nothing to read, the place is found by a read that waits for no time at all.
  clock.advanceBy(0);
  return { store, watcher, byHand, error: await error };
}

const at = (milliseconds: number) => atTimestamp(new Date(milliseconds));

describe('a seek to an iterator', () => {
  it.each<[string, EventIterator, number, number]>([
    ['the beginning', trimHorizon(), 0, 1],
    ['the oldest event held', trimHorizon(), 3, 4],
    ['an event', atSequenceNumber(3), 0, 3],
    ['the first event', atSequenceNumber(1), 0, 1],
    ['event 0, which means the beginning', atSequenceNumber(0), 0, 1],
    ['the oldest event held, by its number', atSequenceNumber(4), 3, 4],
    ['the event behind a number', afterSequenceNumber(3), 0, 4],
    ['the oldest event held, by the number before', afterSequenceNumber(3), 3, 4],
    ['a time at which an event was stored', at(20), 0, 3],
    ['a time between two events', at(21), 0, 4],
    ['a time before all events that are held', at(0), 3, 4],
  ])('leads to %s', async (_name, target, gone, first) => {
    const { watcher, byHand, error } = await sought(target, gone);
    expect(error).toBeUndefined();
    expect(byHand.seqNums).toEqual([first]);
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      checkpointIterator: afterSequenceNumber(first - 1),
    });
  });

  it.each<[string, EventIterator, number]>([
    ['the latest', latest(), 0],
    ['the event that comes next', atSequenceNumber(6), 0],
    ['what comes behind the last event', afterSequenceNumber(5), 0],
    ['a time to come', at(1000), 0],
    ['whatever is left of a log that was emptied', trimHorizon(), 5],
  ])('leads to the tail: %s', async (_name, target, gone) => {
    const { store, watcher, byHand, error } = await sought(target, gone);
    expect(error).toBeUndefined();
    expect(byHand.seqNums).toEqual([]);
    expect(watcher.stats()).toMatchObject({ state: 'running', checkpointIterator: afterSequenceNumber(5) });
    fillUp(store, 1);
    expect(byHand.seqNums).toEqual([6]);
  });

  it.each<[string, unknown, number, new (...args: never[]) => Error]>([
    ['an event that is gone', atSequenceNumber(3), 3, SequenceTrimmedError],
    ['what comes behind an event that is gone', afterSequenceNumber(2), 3, SequenceTrimmedError],
    ['an event beyond the next', atSequenceNumber(7), 0, CheckpointError],
    ['what comes behind an event that is not there', afterSequenceNumber(6), 0, CheckpointError],
    ['what is no iterator', { type: 'somewhere' }, 0, InvalidOptionsError],
    ['no number', { type: 'at_sequence_number', sequenceNumber: -1 }, 0, InvalidOptionsError],
    ['nothing', undefined, 0, InvalidOptionsError],
  ])('is refused, and changes nothing: %s', async (_name, target, gone, kind) => {
    const { watcher, byHand, error } = await sought(target as EventIterator, gone);
    expect(error).toBeInstanceOf(kind);
    expect(watcher.stats()).toMatchObject({ state: 'idle', checkpointIterator: trimHorizon() });
    expect(byHand.seqNums).toEqual([]);
  });

  it('of a store that is closed is refused', async () => {
    const { store, watcher, byHand } = await sought(trimHorizon());
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    await store.close();
    await expect(watcher.seek(trimHorizon())).rejects.toThrow(StoreClosedError);
  });

  it('0 of an empty log is the beginning, too', async () => {
    const clock = new VirtualClock();
    const { store } = trimmableStore(clock);
    const byHand = new ByHand();
    const watcher = createManager(store).create('w', { handler: byHand.handler });
    const done = watcher.seek(atSequenceNumber(0));
    await nextTurn();
    clock.advanceBy(0);
    await done;
    fillUp(store, 1);
    expect(byHand.seqNums).toEqual([1]);
  });
});
