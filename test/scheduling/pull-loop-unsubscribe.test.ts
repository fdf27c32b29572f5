import { range, take, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { steps } from './steps.ts';

describe('an unsubscription from a pull loop', () => {
  it(
    'an unsubscription from a pull loop in the middle of an array after an asynchronous step prevents further values and steps',
    inVirtualTime(({ cold, expectObservable, flush, scheduler }) => {
      const { begin, requested } = steps<string>([cold('--|'), ['a', 'b', 'c'], ['d']]);

      expectObservable(pullLoop(begin, scheduler).pipe(take(2))).toBe('--(ab|)');
      flush();
      expect(requested).toHaveLength(2);
    }),
  );

  it('an unsubscription from a pull loop in the middle of a synchronous array prevents further values and steps', () => {
    const { begin, requested } = steps<string>([['a', 'b', 'c'], ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock())
      .pipe(take(2))
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual(['a', 'b']);
    expect(requested).toHaveLength(1);
  });

  it(
    'an unsubscription from a pull loop in the middle of an Observable also unsubscribes from that Observable',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const step = cold<string>('a-b-c-|');
      const subs = '             ^--!   ';
      const unsub = '            ^--!   ';
      const expected = '         a-b----';
      const { begin, requested } = steps([step, ['d']]);

      expectObservable(pullLoop(begin, scheduler), unsub).toBe(expected);
      expectSubscriptions(step.subscriptions).toBe(subs);
      flush();
      expect(requested).toHaveLength(1);
    }),
  );

  it(
    'an unsubscription from a pull loop during the first value of an Observable also unsubscribes from that Observable',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const step = cold<string>('(abc)');
      const { begin } = steps([step]);

      expectObservable(pullLoop(begin, scheduler).pipe(take(1))).toBe('(a|)');
      expectSubscriptions(step.subscriptions).toBe('(^!)');
    }),
  );

  it('an unsubscription from a pull loop in the middle of a synchronous Observable stops the values of that Observable', () => {
    let emitted = 0;
    const step = range(1, 1000).pipe(tap(() => emitted++));
    const { begin } = steps([step]);
    pullLoop(begin, new VirtualClock()).pipe(take(2)).subscribe();
    expect(emitted).toBe(2);
  });

  it('an unsubscription during a pause of a pull loop cancels the timer of the pause', () => {
    const clock = new VirtualClock();
    let requested = 0;
    const endless = pullLoop(
      () => () => {
        clock.frame += 3;
        return [requested++];
      },
      clock,
    );
    const subscription = endless.subscribe();
    const before = requested;
    expect(clock.timers).toBe(1);
    subscription.unsubscribe();
    expect(clock.timers).toBe(0);
    clock.advanceBy(1000);
    expect(requested).toBe(before);
  });
});
