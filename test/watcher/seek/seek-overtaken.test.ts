import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom, Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError } from '../../../src/errors.ts';
import { latest } from '../../../src/event/event-iterator.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { gatedStore } from '../../support/watcher/gated-store.ts';
import { managed, statsIn } from '../../support/watcher/managed-watcher.ts';
import { thirdInFlight } from './third-in-flight.ts';

describe('a call of start during a seek', () => {
  it('a watcher continues at the target of a seek even if start is called during the seek', async () => {
    const { watcher, byHand, stored } = managed({ events: 5 });
    const sought = watcher.seek(afterSequenceNumber(3));
    watcher.start();
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums.at(-1)).toBe(4);
    expect(await stored()).toBe(3);
  });
});

describe('a call of start while a seek stores its checkpoint', () => {
  it('a call of start while a seek stores its checkpoint does not start a second run', async () => {
    const { store, gate } = gatedStore();
    fillUp(store, 5);
    const inFlight = new Set<number>();
    const ends: (() => void)[] = [];
    let maxInFlight = 0;
    const handler = ({ seqNum }: { seqNum: number }) =>
      new Observable<never>((subscriber) => {
        inFlight.add(seqNum);
        maxInFlight = Math.max(maxInFlight, inFlight.size);
        ends.push(() => subscriber.complete());
        return () => inFlight.delete(seqNum);
      });
    const watcher = createManager(store).create('w', { handler, checkpoint: 'manual' });
    const sought = watcher.seek(afterSequenceNumber(3));
    await nextTurn();
    expect(gate.writes).toEqual([3]);
    watcher.start();
    await gate.finish();
    ends[0]?.();
    while (gate.isBusy) await gate.finish();
    await sought;
    expect(maxInFlight).toBe(1);
    expect(watcher.stats().state).toBe('running');
    expect([...inFlight]).toEqual([4]);
  });
});

describe('a call of stop that overlaps a seek', () => {
  it.each(['immediately after seek', 'while a seek waits for the attempt in flight'])(
    'a call of stop %s stops the watcher',
    async (when) => {
      const { watcher, byHand } = thirdInFlight();
      const sought = watcher.seek(afterSequenceNumber(1));
      if (when !== 'immediately after seek') await statsIn(watcher, 'stopping');
      const stopped = watcher.stop();
      byHand.finish();
      await Promise.all([sought, stopped]);
      expect(watcher.stats().state).toBe('stopped');
      expect(byHand.seqNums).toEqual([1, 2, 3]);
    },
  );

  it('a call of stop during a seek leaves the watcher stopped even if the watcher was idle before the seek', async () => {
    const { watcher, byHand, store } = managed({ events: 5 });
    const sought = watcher.seek(afterSequenceNumber(1));
    await watcher.stop();
    await sought;
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([]);
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(5);
  });

  it('a seek that is called during a stop starts a run at its target', async () => {
    const { watcher, byHand } = thirdInFlight();
    const stopped = watcher.stop();
    const sought = watcher.seek(afterSequenceNumber(1));
    byHand.finish();
    await Promise.all([stopped, sought]);
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2, 3, 2]);
  });
});

describe('a watcher with overlapping seeks', () => {
  it('a watcher with overlapping seeks continues at the target of the second seek, even if the first seek takes longer', async () => {
    const { watcher, byHand, stored } = managed({ events: 5 });
    // The seek to `latest()` takes longer, because its position needs an additional read.
    await Promise.all([watcher.seek(latest()), watcher.seek(afterSequenceNumber(1))]);
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([2]);
    expect(await stored()).toBe(1);
  });

  it('a watcher with overlapping seeks continues at the target of the second seek if both seeks wait for an attempt', async () => {
    const { watcher, byHand, stored } = thirdInFlight();
    const sought = [watcher.seek(afterSequenceNumber(5)), watcher.seek(afterSequenceNumber(0))];
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await Promise.all(sought);
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2, 3, 1]);
    expect(await stored()).toBe(0);
  });

  it('a watcher with overlapping seeks continues at the target of the first seek if the second one is rejected', async () => {
    const { watcher, byHand, stored } = thirdInFlight();
    const sought = watcher.seek(afterSequenceNumber(1));
    await expect(watcher.seek(afterSequenceNumber(9))).rejects.toThrow(CheckpointError);
    byHand.finish();
    await sought;
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2, 3, 2]);
    expect(await stored()).toBe(1);
  });
});
