import { asyncScheduler, from, lastValueFrom, Observable, queueScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop, type Step } from '../../src/scheduling/pull-loop.ts';
import { steps } from './steps.ts';
import { VirtualClock } from './virtual-clock.ts';

/** By then a loop that never lets the event loop have a turn gives up, so that its test can fail. */
const GIVE_UP_AFTER = 3000;

/** The same step again and again until an immediate of the event loop has had its turn. */
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

describe('a break of pull', () => {
  it('comes when eight milliseconds have passed and 128 steps were taken, and nothing runs on meanwhile', () => {
    const clock = new VirtualClock();
    let left = 1000;
    const seen: number[] = [];
    pullLoop(
      () => () => {
        clock.frame += 3;
        return left-- > 0 ? [left] : undefined;
      },
      clock,
    ).subscribe((value) => seen.push(value));

    expect(seen).toHaveLength(128);
    clock.advanceBy(0);
    expect(seen).toHaveLength(160); // later on, 32 at a time
  });

  it('does not come in a replay that is over within 128 steps, however slow', () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const slowly = () => {
      clock.frame += 1000;
      return seen.length < 60 ? [seen.length] : undefined;
    };
    pullLoop(() => slowly, clock).subscribe((value) => seen.push(value));
    expect(seen).toHaveLength(60);
    expect(clock.timers).toBe(0);
  });

  it('is not taken as long as its scheduler stands still', () => {
    const clock = new VirtualClock();
    const { begin } = steps([[1], [2], [3]]);
    const seen: number[] = [];
    pullLoop(begin, clock).subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2, 3]);
    expect(clock.timers).toBe(0);
  });

  it('is not taken behind a step that has waited for another turn of the event loop itself', async () => {
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
  ])('gives the event loop a turn in a long row of %s', async (_name, step) => {
    const { begin, seen } = untilImmediate(step())();
    await lastValueFrom(pullLoop(begin, asyncScheduler), { defaultValue: 0 });
    expect(seen.immediate).toBe(true);
    expect(seen.steps).toBeGreaterThan(1);
  });

  it('does not bring the loop to a halt on a scheduler that runs its work at once', () => {
    let now = 0;
    const atOnce = Object.create(queueScheduler, { now: { value: () => now } }) as typeof queueScheduler;
    const { begin } = steps([[1], [2], [3], [4]]);
    const seen: number[] = [];
    pullLoop(begin, atOnce).subscribe((value) => {
      now += 5;
      seen.push(value);
    });
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});
