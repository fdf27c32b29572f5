import { range, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { steps } from './steps.ts';
import { VirtualClock } from './virtual-clock.ts';
import { inVirtualTime } from './virtual-time.ts';

describe('unsubscribing from pull', () => {
  it(
    'in the middle of an array sends nothing more, and asks for nothing more',
    inVirtualTime(({ cold, expectObservable, flush, scheduler }) => {
      const { begin, asked } = steps<string>([cold('--|'), ['a', 'b', 'c'], ['d']]);

      expectObservable(pullLoop(begin, scheduler).pipe(take(2))).toBe('--(ab|)');
      flush();
      expect(asked).toHaveLength(2);
    }),
  );

  it('in the middle of an array that comes at once sends nothing more either', () => {
    const { begin, asked } = steps<string>([['a', 'b', 'c'], ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock())
      .pipe(take(2))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual(['a', 'b']);
    expect(asked).toHaveLength(1);
  });

  it(
    'in the middle of an Observable unsubscribes from that',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const step = cold<string>('a-b-c-|');
      const subs = '             ^--!   ';
      const unsub = '            ^--!   ';
      const expected = '         a-b----';
      const { begin, asked } = steps([step, ['d']]);

      expectObservable(pullLoop(begin, scheduler), unsub).toBe(expected);
      expectSubscriptions(step.subscriptions).toBe(subs);
      flush();
      expect(asked).toHaveLength(1);
    }),
  );

  it(
    'from inside the first value of an Observable unsubscribes from that',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const step = cold<string>('(abc)');
      const { begin } = steps([step]);

      expectObservable(pullLoop(begin, scheduler).pipe(take(1))).toBe('(a|)');
      expectSubscriptions(step.subscriptions).toBe('(^!)');
    }),
  );

  it('in the middle of an Observable that emits at once stops that', () => {
    let emitted = 0;
    const step = range(1, 1000).pipe(tap(() => emitted++));
    const { begin } = steps([step]);
    pullLoop(begin, new VirtualClock()).pipe(take(2)).subscribe();
    expect(emitted).toBe(2);
  });

  it('during a break takes the break back', () => {
    const clock = new VirtualClock();
    let asked = 0;
    const endless = pullLoop(
      () => () => {
        clock.frame += 3;
        return [asked++];
      },
      clock,
    );
    const subscription = endless.subscribe();
    const before = asked;
    expect(clock.timers).toBe(1);
    subscription.unsubscribe();
    expect(clock.timers).toBe(0);
    clock.advanceBy(1000);
    expect(asked).toBe(before);
  });
});
