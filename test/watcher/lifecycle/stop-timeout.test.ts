import { describe, expect, it } from 'vitest';
import { InvalidStateError, TimeoutError } from '../../../src/errors.ts';
import { managed } from '../managed.ts';

/** A watcher that has handled one event, and is handling the second. */
function busy() {
  const all = managed();
  all.watcher.start();
  all.byHand.finish();
  const isAborted = () => all.byHand.contexts.at(-1)?.signal.aborted;
  return { ...all, isAborted };
}

describe('a stop that takes too long', () => {
  it('rejects after its timeout, and not before, and aborts the signal then', async () => {
    const { clock, watcher, isAborted } = busy();
    let settled = false;
    const stopped = watcher.stop({ timeout: 500 }).finally(() => {
      settled = true;
    });
    const rejected = expect(stopped).rejects.toThrow(TimeoutError);
    clock.advanceBy(499);
    expect({ aborted: isAborted(), settled }).toEqual({ aborted: false, settled: false });
    clock.advanceBy(1);
    expect(isAborted()).toBe(true);
    await rejected;
  });

  it('waits for thirty seconds unless it is told otherwise', async () => {
    const { clock, watcher, isAborted } = busy();
    const rejected = expect(watcher.stop()).rejects.toThrow(/'w'.*30000 ms/);
    clock.advanceBy(29_999);
    expect(isAborted()).toBe(false);
    clock.advanceBy(1);
    await rejected;
  });

  it('leaves it stopping until the handler has settled; its outcome counts then', async () => {
    const { clock, byHand, watcher, stored } = busy();
    const rejected = expect(watcher.stop({ timeout: 500 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(500);
    await rejected;
    expect(watcher.stats().state).toBe('stopping');
    expect(() => watcher.start()).toThrow(InvalidStateError);

    byHand.finish();
    clock.advanceBy(0);
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
    expect(await stored()).toBe(2);
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('has an attempt that fails when it is aborted neither made again nor skipped', async () => {
    const { clock, byHand, watcher, stored } = busy();
    byHand.contexts.at(-1)?.signal.addEventListener('abort', () => byHand.fail(new Error('aborted')));
    const rejected = expect(watcher.stop({ timeout: 500 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(500);
    await rejected;
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 1, skipped: 0 });
    expect(await stored()).toBe(1);
    expect(clock.timers).toBe(0);
    watcher.start();
    expect(byHand.seqNums).toEqual([1, 2, 2]);
  });

  it('may be tried again with more time', async () => {
    const { clock, byHand, watcher } = busy();
    const rejected = expect(watcher.stop({ timeout: 1 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(1);
    await rejected;
    const again = watcher.stop({ timeout: 100 });
    clock.advanceBy(99);
    byHand.finish();
    clock.advanceBy(0);
    await again;
    expect(watcher.stats().state).toBe('stopped');
  });

  it('does not wait at all with a timeout of 0', async () => {
    const { clock, watcher, isAborted } = busy();
    const rejected = expect(watcher.stop({ timeout: 0 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(0);
    await rejected;
    expect(isAborted()).toBe(true);
  });

  it('leaves no timer when the attempt ends in time, and keeps none if it may take for ever', async () => {
    const { clock, byHand, watcher, isAborted } = busy();
    const forEver = watcher.stop({ timeout: Number.POSITIVE_INFINITY });
    expect(clock.timers).toBe(0);
    const inTime = watcher.stop({ timeout: 500 });
    expect(clock.timers).toBe(1);
    byHand.finish();
    await Promise.all([forEver, inTime]);
    expect(clock.timers).toBe(0);
    expect(isAborted()).toBe(false);
  });
});
