import { beforeEach, describe, expect, it } from 'vitest';
import { createSharedTimers, type SharedTimers } from '../../src/scheduling/shared-timers.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';

describe('SharedTimers', () => {
  let clock: VirtualClock;
  let timers: SharedTimers;
  let expired: string[];
  const wait = (name: string, delay: number) =>
    timers.after(delay, () => expired.push(`${name} at ${clock.now()}`));

  beforeEach(() => {
    clock = new VirtualClock();
    timers = createSharedTimers(clock);
    expired = [];
  });

  it('SharedTimers expires each deadline once, after its delay, in the order in which the deadlines were set', () => {
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

  it('SharedTimers uses one timer for all deadlines with the same delay', () => {
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

  it('SharedTimers uses separate timers for deadlines with different delays', () => {
    wait('long', 500);
    wait('short', 20);
    wait('middle', 100);
    expect(clock.timers).toBe(3);
    clock.advanceBy(1000);
    expect(expired).toEqual(['short at 20', 'middle at 100', 'long at 500']);
  });

  it('SharedTimers keeps no timer after all deadlines are cancelled', () => {
    const cancels = [wait('a', 100), wait('b', 100), wait('c', 200)];
    for (const cancel of cancels) cancel();
    expect(clock.timers).toBe(0);
    clock.advanceBy(1000);
    expect(expired).toEqual([]);
  });

  it('SharedTimers does not change other deadlines when some are cancelled', () => {
    const cancelFirst = wait('first', 100);
    clock.advanceBy(10);
    wait('second', 100);
    const cancelThird = wait('third', 100);
    cancelFirst();
    cancelThird();
    clock.advanceBy(1000);
    expect(expired).toEqual(['second at 110']);
  });

  it('SharedTimers ignores the cancellation of an expired deadline', () => {
    const cancel = wait('a', 100);
    clock.advanceBy(100);
    cancel();
    cancel();
    wait('b', 100);
    cancel();
    clock.advanceBy(100);
    expect(expired).toEqual(['a at 100', 'b at 200']);
  });

  it('SharedTimers accepts a new deadline while another deadline expires', () => {
    const again = () => {
      expired.push(`at ${clock.now()}`);
      if (expired.length < 3) timers.after(100, again);
    };
    timers.after(100, again);
    clock.advanceBy(1000);
    expect(expired).toEqual(['at 100', 'at 200', 'at 300']);
    expect(clock.timers).toBe(0);
  });

  it('SharedTimers does not expire a deadline that is cancelled while an earlier deadline expires', () => {
    const cancels: (() => void)[] = [];
    timers.after(100, () => {
      for (const cancel of cancels) cancel();
    });
    cancels.push(wait('same moment', 100), wait('same moment too', 100));
    clock.advanceBy(1000);
    expect(expired).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('if a deadline of 0 ms is set in SharedTimers during an expiry, other due work runs before this deadline expires', () => {
    timers.after(0, () => {
      expired.push('first');
      wait('again', 0);
    });
    clock.schedule(() => expired.push('other work'));
    clock.advanceBy(0);
    expect(expired).toEqual(['first', 'other work', 'again at 0']);
  });
});
