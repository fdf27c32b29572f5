import { afterSequenceNumber } from 'rx-watcher';
import { EMPTY, firstValueFrom, NEVER, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/errors.ts';
import { atSequenceNumber } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { VirtualClock } from '../../scheduling/virtual-clock.ts';
import { ByHand } from '../by-hand.ts';
import { fillUp } from '../delivery/fill.ts';
import { createBegun, managed } from '../managed.ts';

function setUp(options: CreateWatcherOptions, events = 5) {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  fillUp(store, events);
  const watcher = createBegun(store, 'w', { checkpoint: 'manual', ...options });
  return { store, watcher, stored: () => firstValueFrom(store.getCheckpoint('w')) };
}

describe('a manual checkpoint', () => {
  it('is not written by the watcher, neither while it runs nor when it stops', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    expect(watcher.stats().handled).toBe(5);
    await watcher.stop();
    expect(await stored()).toBe(0);
  });

  it('is written as it was told, and shown', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    await watcher.checkpoint(3);
    expect(await stored()).toBe(3);
    expect(watcher.stats()).toMatchObject({
      checkpointIterator: { type: 'after_sequence_number', sequenceNumber: 3 },
      lag: 2,
    });
  });

  it('takes the event in the handler for handled', async () => {
    const byHand = new ByHand();
    const { watcher, stored } = setUp({ handler: byHand.handler });
    watcher.start();
    byHand.finish();
    await watcher.checkpoint(2);
    expect(await stored()).toBe(2);
    await expect(watcher.checkpoint(3)).rejects.toThrow(CheckpointError);
  });

  it('can be written from inside the handler', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 3);
    const watcher = createBegun(store, 'w', {
      checkpoint: 'manual',
      handler: ({ seqNum }) => (seqNum === 2 ? watcher.checkpoint(2) : undefined),
    });
    const outcomes = firstValueFrom(watcher.outcomes$.pipe(take(3), toArray()));
    watcher.start();
    expect((await outcomes).map(({ status }) => status)).toEqual(['handled', 'handled', 'handled']);
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(2);
  });

  it('is refused past what was handled', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    watcher.start();
    await expect(watcher.checkpoint(6)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBe(0);
  });

  it('is refused backwards, and taken where it is', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    await watcher.checkpoint(4);
    await expect(watcher.checkpoint(3)).rejects.toThrow(CheckpointError);
    await watcher.checkpoint(4);
    expect(await stored()).toBe(4);
  });

  it('does not go backwards though a higher one is being written', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY });
    watcher.start();
    const both = await Promise.allSettled([watcher.checkpoint(4), watcher.checkpoint(3)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await stored()).toBe(4);
  });

  it.each([-1, 1.5, Number.NaN, '1' as unknown as number])(
    'is refused for what is no number of an event: %s',
    async (seqNum) => {
      const { watcher } = setUp({ handler: () => EMPTY });
      watcher.start();
      await expect(watcher.checkpoint(seqNum)).rejects.toThrow(CheckpointError);
    },
  );

  it('is refused for an ephemeral watcher', async () => {
    const { watcher, stored } = setUp({ handler: () => EMPTY, ephemeral: true });
    watcher.start();
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBeUndefined();
  });

  it('is refused past what was handled since a seek backwards', async () => {
    const byHand = new ByHand();
    const { watcher, stored } = setUp({ handler: byHand.handler });
    watcher.start();
    for (let i = 0; i < 5; i++) byHand.finish();
    await watcher.seek(afterSequenceNumber(2));
    expect(byHand.seqNums.at(-1)).toBe(3);
    await expect(watcher.checkpoint(5)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBe(2);
  });

  it('is refused beyond the log, wherever the watcher was to begin', async () => {
    const { watcher, stored } = setUp({ initialEventIterator: atSequenceNumber(50) }, 0);
    await expect(watcher.checkpoint(49)).rejects.toThrow(CheckpointError);
    expect(await stored()).toBeUndefined();
  });

  it('of an automatic watcher is refused for the event in the handler', async () => {
    const byHand = new ByHand();
    const { watcher } = setUp({ handler: byHand.handler, checkpoint: 'auto' });
    watcher.start();
    await expect(watcher.checkpoint(1)).rejects.toThrow(CheckpointError);
    byHand.finish();
    await watcher.checkpoint(1);
  });

  it('of an automatic watcher is not set back by a lower one of ours that comes between', async () => {
    const byHand = new ByHand();
    const { watcher, stored } = setUp({ handler: byHand.handler, checkpoint: 'auto' }, 2);
    watcher.start();
    byHand.finish();
    const lower = Promise.allSettled([watcher.checkpoint(1)]);
    byHand.finish();
    await lower;
    await watcher.stop();
    expect(await stored()).toBe(2);
  });

  it('is refused past the first event under way, by key: those behind it may be done, and it may not', async () => {
    const { watcher, stored } = managed({
      events: 3,
      checkpoint: 'manual',
      concurrency: 3,
      keyOf: ({ seqNum }) => `${seqNum}`,
      handler: ({ seqNum }) => (seqNum === 2 ? NEVER : EMPTY),
    });
    watcher.start();
    await expect(watcher.checkpoint(2)).rejects.toThrow(CheckpointError);
    await watcher.checkpoint(1);
    expect(await stored()).toBe(1);
  });
});
