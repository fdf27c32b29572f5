import { asyncScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

/** Returns an endless loop that notes its name at each step. A step takes `took` milliseconds. */
const endless = (clock: VirtualClock, noted: string[], name: string, took: number) =>
  pullLoop(
    () => () => {
      clock.frame += took;
      noted.push(name);
      return [name];
    },
    clock,
  );

/** Returns each run of equal names with its length, for example `a32`. */
const runs = (names: readonly string[]): readonly string[] => {
  const counted: [string, number][] = [];
  for (const name of names) {
    const last = counted.at(-1);
    if (last?.[0] === name) last[1]++;
    else counted.push([name, 1]);
  }
  return counted.map(([name, length]) => `${name}${length}`);
};

describe('pull loops that share a scheduler', () => {
  it('pull loops on one scheduler take turns of 32 steps, in the order in which they began to wait', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const loops = ['a', 'b', 'c'].map((name) => endless(clock, noted, name, 0.1).subscribe());
    noted.length = 0;
    clock.advanceBy(0);

    expect(runs(noted).slice(0, 3)).toEqual(['a32', 'b32', 'c32']);
    for (const loop of loops) loop.unsubscribe();
    expect(clock.timers).toBe(0);
  });

  it('many pull loops on one scheduler share one time slice, and do not use one time slice per loop', () => {
    const takenBy = (count: number) => {
      const clock = new VirtualClock();
      const noted: string[] = [];
      const loops = Array.from({ length: count }, (_, n) => endless(clock, noted, `${n}`, 0.1).subscribe());
      // `flush` runs all work up to `maxFrames`. Set it to the next timer, so that the loops run only until their next pause.
      clock.maxFrames = clock.actions[0]?.delay ?? 0;
      noted.length = 0;
      clock.flush();
      for (const loop of loops) loop.unsubscribe();
      return noted.length;
    };

    expect(takenBy(10)).toBeLessThanOrEqual(takenBy(1) + 32);
  });

  it('a pull loop begins with a time slice of one millisecond, so that the next loop can start soon', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const loops = ['a', 'b'].map((name) => endless(clock, noted, name, 0.001).subscribe());

    expect(clock.frame).toBeLessThan(1.2);
    expect(runs(noted)).toHaveLength(2);
    for (const loop of loops) loop.unsubscribe();
  });

  it('a pull loop continues if another loop on its scheduler is unsubscribed from while that loop waits for its turn', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const [first, second] = ['a', 'b'].map((name) => endless(clock, noted, name, 0.1).subscribe());
    first?.unsubscribe();
    noted.length = 0;
    clock.advanceBy(0);

    expect(new Set(noted)).toEqual(new Set(['b']));
    second?.unsubscribe();
  });

  it('a pull loop on the default scheduler lets timers of Node.js run before the loop ends', async () => {
    let isOver = false;
    setTimeout(() => {
      isOver = true;
    });
    const giveUpAt = Date.now() + 3000;
    await new Promise<void>((resolve) => {
      pullLoop(() => () => (isOver || Date.now() > giveUpAt ? undefined : [0]), asyncScheduler).subscribe({
        complete: resolve,
      });
    });
    expect(isOver).toBe(true);
  });
});
