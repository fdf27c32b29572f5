import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../src/errors.ts';
import { managed, statsIn } from '../managed.ts';

/** A watcher of five events that has handled two and is handling the third. */
function busy() {
  const all = managed({ events: 5 });
  all.watcher.start();
  all.byHand.finish();
  all.byHand.finish();
  return all;
}

describe('a seek while an event is being handled', () => {
  it('waits for the attempt, and its late outcome does not move the checkpoint away', async () => {
    const { watcher, byHand, stored } = busy();
    const sought = watcher.seek(afterSequenceNumber(1));
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await sought;
    expect(byHand.seqNums).toEqual([1, 2, 3, 2]);
    expect(await stored()).toBe(1);
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 3 });
  });

  it('does not have an attempt that fails meanwhile made again', async () => {
    const { watcher, byHand } = busy();
    const sought = watcher.seek(afterSequenceNumber(4));
    await statsIn(watcher, 'stopping');
    byHand.fail(new Error('no'));
    await sought;
    expect(byHand.seqNums).toEqual([1, 2, 3, 5]);
  });

  it('gives up after thirty seconds, aborts the signal, and has stored nothing', async () => {
    const { clock, watcher, byHand, stored } = busy();
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

describe('of two seeks at once', () => {
  it('the last one wins', async () => {
    const { watcher, byHand, stored } = busy();
    const both = [watcher.seek(afterSequenceNumber(1)), watcher.seek(afterSequenceNumber(4))];
    await statsIn(watcher, 'stopping');
    byHand.finish();
    await Promise.all(both);
    expect(byHand.seqNums).toEqual([1, 2, 3, 5]);
    expect(await stored()).toBe(4);
    expect(watcher.stats().state).toBe('running');
  });

  it('the last one wins when nothing is being handled, too', async () => {
    const { watcher, byHand, stored } = managed({ events: 5 });
    await Promise.all([watcher.seek(afterSequenceNumber(3)), watcher.seek(afterSequenceNumber(1))]);
    expect(byHand.seqNums).toEqual([2]);
    expect(await stored()).toBe(1);
  });
});
