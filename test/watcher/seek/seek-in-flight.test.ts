import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import { managed, statsIn } from '../../support/watcher/managed-watcher.ts';
import { thirdInFlight } from './third-in-flight.ts';

describe('a seek while an attempt is in flight', () => {
  it('a seek waits for the attempt in flight, and the outcome of that attempt does not overwrite the target as the checkpoint', async () => {
    const { watcher, byHand, stored } = thirdInFlight();
    const sought = watcher.seek(afterSequenceNumber(1));
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(byHand.seqNums).toEqual([1, 2, 3, 2]);
    expect(await stored()).toBe(1);
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 3 });
  });

  it('an attempt that fails during a seek is not retried', async () => {
    const { watcher, byHand } = thirdInFlight();
    const sought = watcher.seek(afterSequenceNumber(4));
    await statsIn(watcher, 'stopping');
    byHand.fail(new Error('no'));
    await sought;
    expect(byHand.seqNums).toEqual([1, 2, 3, 5]);
  });

  it('a seek is rejected after 30 seconds with an attempt in flight, aborts the signal of the attempt and stores nothing', async () => {
    const { clock, watcher, byHand, stored } = thirdInFlight();
    const rejected = expect(watcher.seek(afterSequenceNumber(0))).rejects.toThrow(TimeoutError);
    await statsIn(watcher, 'stopping');
    clock.advanceBy(30_000);
    await rejected;
    expect(byHand.contexts.at(-1)?.signal.aborted).toBe(true);
    expect(await stored()).toBe(2);
    byHand.finish();
    clock.advanceBy(0);
    await watcher.stop();
    expect(await stored()).toBe(3);
    expect(byHand.seqNums).toEqual([1, 2, 3]);
  });
});

describe('a watcher with two concurrent seeks', () => {
  it('a watcher with two concurrent seeks continues at the target of the second seek after the attempt in flight', async () => {
    const { watcher, byHand, stored } = thirdInFlight();
    const both = [watcher.seek(afterSequenceNumber(1)), watcher.seek(afterSequenceNumber(4))];
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await Promise.all(both);
    expect(byHand.seqNums).toEqual([1, 2, 3, 5]);
    expect(await stored()).toBe(4);
    expect(watcher.stats().state).toBe('running');
  });

  it('a watcher with two concurrent seeks continues at the target of the second seek if no attempt is in flight', async () => {
    const { watcher, byHand, stored } = managed({ events: 5 });
    await Promise.all([watcher.seek(afterSequenceNumber(3)), watcher.seek(afterSequenceNumber(1))]);
    expect(byHand.seqNums).toEqual([2]);
    expect(await stored()).toBe(1);
  });
});
