import { EMPTY, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  CheckpointError,
  InvalidOptionsError,
  NoHandlerError,
  SequenceTrimmedError,
} from '../../../src/errors.ts';
import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  latest,
  trimHorizon,
} from '../../../src/event/event-iterator.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { trimmableStore } from '../../support/watcher/log-stores.ts';
import { createWithSyncStart, managed, started, statsIn } from '../../support/watcher/managed-watcher.ts';

/** Creates a watcher of five events with a handler that records their numbers. */
function recordingWatcher(options: CreateWatcherOptions = {}) {
  const seqNums: number[] = [];
  const handler = ({ seqNum }: { seqNum: number }) => {
    seqNums.push(seqNum);
  };
  return { ...managed({ events: 5, handler, ...options }), seqNums };
}

describe('a watcher that seeks', () => {
  it('a watcher handles the events after the target of a seek again if the target is before its checkpoint', async () => {
    const { watcher, seqNums, stored } = recordingWatcher();
    watcher.start();
    await watcher.seek(afterSequenceNumber(3));
    expect(seqNums).toEqual([1, 2, 3, 4, 5, 4, 5]);
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 7 });
    await watcher.stop();
    expect(await stored()).toBe(5);
  });

  it('a watcher handles all events again after a seek to number 0', async () => {
    const { watcher, seqNums } = recordingWatcher();
    watcher.start();
    await watcher.seek(afterSequenceNumber(0));
    expect(seqNums).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]);
  });

  it('a watcher does not deliver the events between its checkpoint and a later target of a seek', async () => {
    const { watcher, byHand, stored } = started({ events: 5 });
    const sought = watcher.seek(afterSequenceNumber(4));
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(byHand.seqNums).toEqual([1, 5]);
    expect(await stored()).toBe(4);
  });

  it('a watcher handles only new events after a seek to the end of the log', async () => {
    const { store, watcher, byHand } = started({ events: 5 });
    const sought = watcher.seek(afterSequenceNumber(5));
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(watcher.stats().state).toBe('running');
    fillUp(store, 1);
    expect(byHand.seqNums).toEqual([1, 6]);
  });

  it('a seek stores the target as the checkpoint before the watcher restarts, even if the target is lower than the checkpoint', async () => {
    const { watcher, byHand, stored } = started({ events: 3 });
    for (let i = 0; i < 3; i++) byHand.finish();
    await watcher.seek(afterSequenceNumber(1));
    expect(byHand.seqNums.at(-1)).toBe(2);
    expect(await stored()).toBe(1);
    expect(watcher.stats()).toMatchObject({
      checkpointIterator: { type: 'after_sequence_number', sequenceNumber: 1 },
      lag: 2,
    });
  });

  it('a seek stores the target as the checkpoint even if checkpoints are manual', async () => {
    const { watcher, stored, seqNums } = recordingWatcher({ checkpoint: 'manual' });
    watcher.start();
    await watcher.checkpoint(5);
    await watcher.seek(afterSequenceNumber(2));
    expect(await stored()).toBe(2);
    expect(seqNums.slice(5)).toEqual([3, 4, 5]);
  });

  it('a seek of an ephemeral watcher stores no checkpoint', async () => {
    const { watcher, stored, seqNums } = recordingWatcher({ ephemeral: true });
    watcher.start();
    await watcher.seek(afterSequenceNumber(3));
    expect(seqNums.slice(5)).toEqual([4, 5]);
    expect(await stored()).toBeUndefined();
  });

  it.each(['idle', 'stopped'])('a seek starts a watcher that was in state %s', async (state) => {
    const { watcher, seqNums } = recordingWatcher();
    if (state === 'stopped') await watcher.stop();
    await watcher.seek(afterSequenceNumber(3));
    expect(watcher.stats().state).toBe('running');
    expect(seqNums).toEqual([4, 5]);
  });

  it('a watcher rejects a seek to a target after the end of the log, and continues as before', async () => {
    const { store, watcher, seqNums, stored } = recordingWatcher();
    watcher.start();
    await expect(watcher.seek(afterSequenceNumber(6))).rejects.toThrow(CheckpointError);
    expect(watcher.stats().state).toBe('running');
    fillUp(store, 1);
    expect(seqNums).toEqual([1, 2, 3, 4, 5, 6]);
    await watcher.stop();
    expect(await stored()).toBe(6);
  });

  it.each([5, undefined, { type: 'after_sequence_number', sequenceNumber: -1 }])(
    'a watcher rejects a seek to a target that is not an iterator, and continues as before: %j',
    async (target) => {
      const { watcher } = recordingWatcher();
      watcher.start();
      await expect(watcher.seek(target as never)).rejects.toThrow(InvalidOptionsError);
      expect(watcher.stats().state).toBe('running');
    },
  );

  it.each([trimHorizon(), latest(), atTimestamp(new Date(0))])(
    'a watcher continues with the oldest event if the target %j of a seek is trimmed while an attempt is in flight',
    async (target) => {
      const { store, trim } = trimmableStore(new VirtualClock());
      fillUp(store, 2);
      const byHand = new ManualHandler();
      const watcher = createWithSyncStart(store, 'w', { handler: byHand.handler, autoStart: true });
      const sought = watcher.seek(target);
      fillUp(store, 3);
      trim(4);
      byHand.finish();
      await sought;
      expect(byHand.seqNums).toEqual([1, 5]);
    },
  );

  it('a watcher without a handler rejects a seek', async () => {
    const { watcher, stored } = managed({ handler: undefined });
    await expect(watcher.seek(afterSequenceNumber(1))).rejects.toThrow(NoHandlerError);
    expect(await stored()).toBeUndefined();
  });

  it('a seek starts a watcher again that has failed because its checkpoint was after the end of the log', async () => {
    const { store, watcher, seqNums } = recordingWatcher();
    await store.storeCheckpoint('w', 9);
    watcher.start();
    expect(watcher.stats().state).toBe('failed');
    await watcher.seek(afterSequenceNumber(3));
    expect(watcher.stats().state).toBe('running');
    expect(seqNums).toEqual([4, 5]);
  });

  it('a seek starts a watcher again that has failed because its events were trimmed', async () => {
    const { store, trim } = trimmableStore(new VirtualClock());
    fillUp(store, 5);
    await store.storeCheckpoint('w', 1);
    trim(3);
    const watcher = createManager(store).create('w', { handler: () => EMPTY, autoStart: true });
    expect(watcher.stats().state).toBe('failed');
    await watcher.seek(afterSequenceNumber(3));
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 2 });
  });

  it.each([afterSequenceNumber(2), atSequenceNumber(1), afterSequenceNumber(0)])(
    'a watcher rejects a seek to a target before the oldest event, and continues as before: %j',
    async (target) => {
      const { store, trim } = trimmableStore(new VirtualClock());
      fillUp(store, 5);
      await store.storeCheckpoint('w', 3);
      trim(3);
      const watcher = createManager(store).create('w', { handler: () => EMPTY, autoStart: true });
      await expect(watcher.seek(target)).rejects.toThrow(SequenceTrimmedError);
      fillUp(store, 1);
      expect(watcher.stats()).toMatchObject({ state: 'running', handled: 3 });
      await watcher.stop();
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(6);
    },
  );
});
