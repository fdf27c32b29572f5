import { asyncScheduler, defer, EMPTY, from, lastValueFrom, Observable, queueScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import type { Step } from '../../src/scheduling/step.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { steps } from './steps.ts';

/** Time in milliseconds after which a loop ends if it never yields, so that its test fails instead of running forever. */
const GIVE_UP_AFTER = 3000;

/** Returns a loop that repeats a step until a callback of `setImmediate` has run, which proves that the loop has yielded. */
const untilImmediate = (step: Step<number>) => () => {
  const giveUpAt = Date.now() + GIVE_UP_AFTER;
  const seen = { immediate: false, steps: 0 };
  setImmediate(() => {
    seen.immediate = true;
  });
  return {
    seen,
    begin: () => () => {
      seen.steps++;
      return seen.immediate || Date.now() > giveUpAt ? undefined : step;
    },
  };
};

describe('pullLoop', () => {
  /** Returns the values that a loop emits before its first pause, and the clock of the loop. Each step takes `took` milliseconds. */
  const emittedBeforePause = (count: number, took: number) => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const step = () => {
      clock.frame += took;
      return seen.length < count ? [seen.length] : undefined;
    };
    pullLoop(() => step, clock).subscribe((value) => seen.push(value));
    return { clock, seen };
  };

  it('a pull loop checks whether its time slice has ended after 128 quick steps, and then after every 32 steps', () => {
    const { clock, seen } = emittedBeforePause(1000, 0.1);
    expect(seen).toHaveLength(128);
    clock.advanceBy(0);
    // A time slice of 8 ms ends after 80 steps of 0.1 ms. The loop notices this end at its check after 96 steps.
    expect(seen).toHaveLength(128 + 96);
  });

  it('a pull loop of fewer than 128 quick steps does not yield, even if its time slice has ended', () => {
    const { clock, seen } = emittedBeforePause(60, 0.1);
    expect(seen).toHaveLength(60);
    expect(clock.timers).toBe(0);
  });

  it('a pull loop does not yield after a first step that takes 10 ms and emits nothing, for example a read', () => {
    const clock = new VirtualClock();
    const read = defer(() => {
      clock.frame += 10;
      return EMPTY;
    });
    const { begin } = steps([read, [1]]);
    const seen: number[] = [];
    pullLoop<number>(begin, clock).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1]);
    expect(clock.timers).toBe(0);
  });

  it('a pull loop yields after each step that takes 10 ms and emits a value', () => {
    const { clock, seen } = emittedBeforePause(1000, 10);
    expect(seen).toHaveLength(1);
    clock.advanceBy(0);
    expect(seen).toHaveLength(2);
    clock.advanceBy(0);
    expect(seen).toHaveLength(2);
    clock.advanceBy(10);
    expect(seen).toHaveLength(3);
  });

  it('a pull loop does not yield while the time of its scheduler does not advance', () => {
    const clock = new VirtualClock();
    const { begin } = steps([[1], [2], [3]]);
    const seen: number[] = [];
    pullLoop(begin, clock).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(0);
  });

  it('a pull loop does not yield after a step that has itself waited for another turn of the event loop', async () => {
    const clock = new VirtualClock();
    const waited = new Observable<number>((subscriber) => {
      setImmediate(() => {
        clock.frame += 1000;
        subscriber.complete();
      });
    });
    const { begin } = steps<number>([waited, [1], waited, [2]]);
    expect(await lastValueFrom(pullLoop(begin, clock))).toBe(2);
    expect(clock.timers).toBe(0);
  });

  it.each<[string, () => Step<number>]>([
    ['synchronous arrays', () => [1]],
    ['microtasks', () => from(Promise.resolve(1))],
  ])('a pull loop yields to the event loop during a long sequence of %s', async (_name, step) => {
    const { begin, seen } = untilImmediate(step())();
    await lastValueFrom(pullLoop(begin, asyncScheduler), { defaultValue: 0 });
    expect(seen.immediate).toBe(true);
    expect(seen.steps).toBeGreaterThan(1);
  });

  it('a pull loop completes with a scheduler that runs its work synchronously', () => {
    let now = 0;
    const synchronous = Object.create(queueScheduler, { now: { value: () => now } }) as typeof queueScheduler;
    const { begin } = steps([[1], [2], [3], [4]]);
    const seen: number[] = [];
    pullLoop(begin, synchronous).subscribe((value) => {
      now += 5;
      seen.push(value);
    });
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});
