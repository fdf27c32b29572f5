import { afterSequenceNumber } from 'rx-watcher';
import { EMPTY, firstValueFrom, NEVER, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/errors.ts';
import { atSequenceNumber } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { createWithSyncStart, started } from '../../support/watcher/managed-watcher.ts';

function setUp(options: CreateWatcherOptions, events = 5) {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  fillUp(store, events);
  const watcher = createWithSyncStart(store, 'w', { checkpoint: 'manual', ...options });
  return { store, watcher, stored: () => firstValueFrom(store.getCheckpoint('w')) };
}

describe('a watcher with manual checkpoints', () => {
  it('a watcher with manual checkpoints stores only its start position if checkpoint() is not called', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    expect(watcher.stats().handled).toBe(5);
    await watcher.stop();
    expect(await stored()).toBe(0);
  });

  it('a call of checkpoint() stores a checkpoint, which the stats of the watcher report', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    await watcher.checkpoint(3);
    expect(await stored()).toBe(3);
    expect(watcher.stats()).toMatchObject({
      checkpointIterator: { type: 'after_sequence_number', sequenceNumber: 3 },
      lag: 2,
    });
  });

  it('a watcher accepts a call of checkpoint() with the event in its handler, and rejects a call with a later event', async () => {
    const byHand = new ManualHandler();
    const { watcher, stored } = setUp({ handler: byHand.handler });
    watcher.start();
    byHand.finish();
    await watcher.checkpoint(2);
    expect(await stored()).toBe(2);
    await expect(watcher.checkpoint(3)).rejects.toThrow(CheckpointError);
  });

  it('a handler can call checkpoint() of its watcher to store a checkpoint', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 3);
    const watcher = createWithSyncStart(store, 'w', {
      checkpoint: 'manual',
      handler: ({ seqNum }) => (seqNum === 2 ? watcher.checkpoint(2) : undefined),
    });
    const outcomes = firstValueFrom(watcher.outcomes$.pipe(take(3), toArray()));
    watcher.start();
    expect((await outcomes).map(({ status }) => status)).toEqual(['handled', 'handled', 'handled']);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
  });

  it('a watcher rejects a call of checkpoint() with a number after the last handled event', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    watcher.start();
    await expect(watcher.checkpoint(6)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBe(0);
  });

  it('a watcher rejects a call of checkpoint() below the stored checkpoint, and accepts the stored checkpoint again', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    await watcher.checkpoint(4);
    await expect(watcher.checkpoint(3)).rejects.toThrow(CheckpointError);
    await watcher.checkpoint(4);
    expect(await stored()).toBe(4);
  });

  it('a watcher rejects a call of checkpoint() with a lower number than a checkpoint that is being written', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    const both = await Promise.allSettled([watcher.checkpoint(4), watcher.checkpoint(3)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await stored()).toBe(4);
  });

  it.each([-1, 1.5, Number.NaN, '1' as unknown as number])(
    'a watcher rejects a call of checkpoint() with %o, which is not a sequence number',
    async (seqNum) => {
      const { watcher } = setUp({ handler: () => EMPTY });
      watcher.start();
      await expect(watcher.checkpoint(seqNum)).rejects.toThrow(CheckpointError);
    },
  );

  it('an ephemeral watcher rejects a call of checkpoint()', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY, ephemeral: true });
    watcher.start();
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBeUndefined();
  });

  it('after a seek backwards, a watcher rejects a call of checkpoint() at an event that it has not handled again', async () => {
    const byHand = new ManualHandler();
    const { watcher, stored } = setUp({ handler: byHand.handler });
    watcher.start();
    for (let i = 0; i < 5; i++) byHand.finish();
    await watcher.seek(afterSequenceNumber(2));
    expect(byHand.seqNums.at(-1)).toBe(3);
    await expect(watcher.checkpoint(5)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBe(2);
  });

  it('a watcher rejects a call of checkpoint() after the end of the log, even if initialEventIterator is later', async () => {
    const { watcher, stored } = setUp({ initialEventIterator: atSequenceNumber(50) }, 0);
    await expect(watcher.checkpoint(49)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBeUndefined();
  });

  it('a watcher with automatic checkpoints rejects a call of checkpoint() at the event in its handler', async () => {
    const byHand = new ManualHandler();
    const { watcher } = setUp({ handler: byHand.handler, checkpoint: 'auto' });
    watcher.start();
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    byHand.finish();
    await watcher.checkpoint(1);
  });

  it('a call of checkpoint() does not lower an automatic checkpoint', async () => {
    const byHand = new ManualHandler();
    const { watcher, stored } = setUp({ handler: byHand.handler, checkpoint: 'auto' }, 2);
    watcher.start();
    byHand.finish();
    const lower = Promise.allSettled([watcher.checkpoint(1)]);
    byHand.finish();
    await lower;
    await watcher.stop();
    expect(await stored()).toBe(2);
  });

  it('a keyed watcher rejects a call of checkpoint() at or after the first event in flight, even if later events are handled', async () => {
    const { watcher, stored } = started({
      events: 3,
      checkpoint: 'manual',
      concurrency: 3,
      keyOf: ({ seqNum }) => `${seqNum}`,
      handler: ({ seqNum }) => (seqNum === 2 ? NEVER : EMPTY),
    });
    await expect(watcher.checkpoint(2)).rejects.toThrow(CheckpointError);
    await watcher.checkpoint(1);
    expect(await stored()).toBe(1);
  });
});
