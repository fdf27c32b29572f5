import { describe, expect, it } from 'vitest';
import { InvalidStateError, TimeoutError } from '../../../src/errors.ts';
import { started } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher with one handled event and the second in flight. */
function busy() {
  const all = started();
  all.byHand.finish();
  const isAborted = () => all.byHand.contexts.at(-1)?.signal.aborted;
  return { ...all, isAborted };
}

describe('a stop with a timeout', () => {
  it('a stop is rejected at its timeout, not before, and aborts the signal of the attempt in flight', async () => {
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

  it('a stop is rejected after 30 seconds by default', async () => {
    const { clock, watcher, isAborted } = busy();
    const rejected = expect(watcher.stop()).rejects.toThrow(/'w'.*30000 ms/);
    clock.advanceBy(29_999);
    expect(isAborted()).toBe(false);
    clock.advanceBy(1);
    await rejected;
  });

  it('after the timeout of a stop, a watcher stays in state stopping until the attempt has settled', async () => {
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

  it('an attempt that fails because its signal is aborted by a stop is neither retried nor skipped', async () => {
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

  it('a stop can be repeated with a longer timeout', async () => {
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

  it('a stop is rejected without a delay if the timeout is 0', async () => {
    const { clock, watcher, isAborted } = busy();
    const rejected = expect(watcher.stop({ timeout: 0 })).rejects.toThrow(TimeoutError);
    clock.advanceBy(0);
    await rejected;
    expect(isAborted()).toBe(true);
  });

  it('a stop leaves no timer if the watcher stops in time, and sets no timer if the timeout is Infinity', async () => {
    const { clock, byHand, watcher, isAborted } = busy();
    const withoutLimit = watcher.stop({ timeout: Number.POSITIVE_INFINITY });
    expect(clock.timers).toBe(0);
    const inTime = watcher.stop({ timeout: 500 });
    expect(clock.timers).toBe(1);
    byHand.finish();
    await Promise.all([withoutLimit, inTime]);
    expect(clock.timers).toBe(0);
    expect(isAborted()).toBe(false);
  });
});
