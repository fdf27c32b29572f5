import { asyncScheduler } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A loop without an end that notes its name at each step, each of which takes a while. */
const endless = (clock: VirtualClock, noted: string[], name: string, took: number) =>
  pullLoop(
    () => () => {
      clock.frame += took;
      noted.push(name);
      return [name];
    },
    clock,
  );

/** How long each run of the same name is. */
const runs = (names: readonly string[]): readonly string[] => {
  const told: [string, number][] = [];
  for (const name of names) {
    const last = told.at(-1);
    if (last?.[0] === name) last[1]++;
    else told.push([name, 1]);
  }
  return told.map(([name, length]) => `${name}${length}`);
};

describe('loops on one scheduler', () => {
  it('take turns of 32 steps, in the order in which they came to wait', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const loops = ['a', 'b', 'c'].map((name) => endless(clock, noted, name, 0.1).subscribe());
    noted.length = 0;
    clock.advanceBy(0);

    expect(runs(noted).slice(0, 3)).toEqual(['a32', 'b32', 'c32']);
    for (const loop of loops) loop.unsubscribe();
    expect(clock.timers).toBe(0);
  });

  it('share a slice: many of them take no longer than one before the event loop has its turn', () => {
    const takenBy = (count: number) => {
      const clock = new VirtualClock();
      const noted: string[] = [];
      const loops = Array.from({ length: count }, (_, n) => endless(clock, noted, `${n}`, 0.1).subscribe());
      // No further than the break that is due: a flush sets the clock to it.
      clock.maxFrames = clock.actions[0]?.delay ?? 0;
      noted.length = 0;
      clock.flush();
      for (const loop of loops) loop.unsubscribe();
      return noted.length;
    };

    expect(takenBy(10)).toBeLessThanOrEqual(takenBy(1) + 32);
  });

  it('begin side by side: none runs away for more than a millisecond before the next can begin', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const loops = ['a', 'b'].map((name) => endless(clock, noted, name, 0.001).subscribe());

    expect(clock.frame).toBeLessThan(1.2);
    expect(runs(noted)).toHaveLength(2);
    for (const loop of loops) loop.unsubscribe();
  });

  it('are not held up by one that left while it waited for its turn', () => {
    const clock = new VirtualClock();
    const noted: string[] = [];
    const [first, second] = ['a', 'b'].map((name) => endless(clock, noted, name, 0.1).subscribe());
    first?.unsubscribe();
    noted.length = 0;
    clock.advanceBy(0);

    expect(new Set(noted)).toEqual(new Set(['b']));
    second?.unsubscribe();
  });

  it('on the default scheduler let timers have their turn', async () => {
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
