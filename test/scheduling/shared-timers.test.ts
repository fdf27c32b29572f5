import { beforeEach, describe, expect, it } from 'vitest';
import { createSharedTimers, type SharedTimers } from '../../src/scheduling/shared-timers.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('deadlines', () => {
  let clock: VirtualClock;
  let deadlines: SharedTimers;
  let expired: string[];
  const wait = (name: string, delay: number) =>
    deadlines.after(delay, () => expired.push(`${name} at ${clock.now()}`));

  beforeEach(() => {
    clock = new VirtualClock();
    deadlines = createSharedTimers(clock);
    expired = [];
  });

  it('expire after their delay, once, in the order in which they were set', () => {
    wait('a', 100);
    clock.advanceBy(40);
    wait('b', 100);
    wait('c', 100);
    clock.advanceBy(59);
    expect(expired).toEqual([]);
    clock.advanceBy(1);
    expect(expired).toEqual(['a at 100']);
    clock.advanceBy(1000);
    expect(expired).toEqual(['a at 100', 'b at 140', 'c at 140']);
  });

  it('share one timer if they are equally long, however many they are', () => {
    expect(clock.timers).toBe(0);
    for (let i = 0; i < 1000; i++) {
      wait(`waiter ${i}`, 100);
      clock.advanceBy(0);
    }
    expect(clock.timers).toBe(1);
    clock.advanceBy(100);
    expect(expired).toHaveLength(1000);
    expect(clock.timers).toBe(0);
  });

  it('have a timer for each length, and do not wait for one another', () => {
    wait('long', 500);
    wait('short', 20);
    wait('middle', 100);
    expect(clock.timers).toBe(3);
    clock.advanceBy(1000);
    expect(expired).toEqual(['short at 20', 'middle at 100', 'long at 500']);
  });

  it('keep no timer when nobody waits any more', () => {
    const cancels = [wait('a', 100), wait('b', 100), wait('c', 200)];
    for (const cancel of cancels) cancel();
    expect(clock.timers).toBe(0);
    clock.advanceBy(1000);
    expect(expired).toEqual([]);
  });

  it('that are cancelled leave the others as they are', () => {
    const cancelFirst = wait('first', 100);
    clock.advanceBy(10);
    wait('second', 100);
    const cancelThird = wait('third', 100);
    cancelFirst();
    cancelThird();
    clock.advanceBy(1000);
    expect(expired).toEqual(['second at 110']);
  });

  it('may be cancelled after they have expired, twice, and then be set again', () => {
    const cancel = wait('a', 100);
    clock.advanceBy(100);
    cancel();
    cancel();
    wait('b', 100);
    cancel();
    clock.advanceBy(100);
    expect(expired).toEqual(['a at 100', 'b at 200']);
  });

  it('may be set again by the one that expires', () => {
    const again = () => {
      expired.push(`at ${clock.now()}`);
      if (expired.length < 3) deadlines.after(100, again);
    };
    deadlines.after(100, again);
    clock.advanceBy(1000);
    expect(expired).toEqual(['at 100', 'at 200', 'at 300']);
    expect(clock.timers).toBe(0);
  });

  it('may be cancelled by the one that expires before them', () => {
    const cancels: (() => void)[] = [];
    deadlines.after(100, () => {
      for (const cancel of cancels) cancel();
    });
    cancels.push(wait('same moment', 100), wait('same moment too', 100));
    clock.advanceBy(1000);
    expect(expired).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('of no length, set again by the one that expires, let other work of the scheduler come between', () => {
    deadlines.after(0, () => {
      expired.push('first');
      wait('again', 0);
    });
    clock.schedule(() => expired.push('other work'));
    clock.advanceBy(0);
    expect(expired).toEqual(['first', 'other work', 'again at 0']);
  });
});
