import { of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import type { Step } from '../../src/scheduling/step.ts';
import { VirtualClock } from '../../src/testing/conformance/support/virtual-clock.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { steps } from './steps.ts';

const MANY = 1_000_000;

/** Returns a loop that repeats a step. */
const repeated = (step: Step<number>, times: number) => () => {
  let left = times;
  return () => (left-- > 0 ? step : undefined);
};

describe('pullLoop', () => {
  it(
    'a pull loop emits the values of its steps in order and completes after the last step',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const first = cold('-----c-d|   ');
      const subs1 = '     ^-------!   ';
      const second = cold('       --f|');
      const subs2 = '     --------^--!';
      const expected = '  (ab)-c-d--f|';
      const { begin } = steps<string>([['a', 'b'], first, [], second]);

      expectObservable(pullLoop(begin, scheduler)).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(subs1);
      expectSubscriptions(second.subscriptions).toBe(subs2);
    }),
  );

  it(
    'a pull loop requests a step only when the previous step has ended',
    inVirtualTime(({ cold, expectObservable, flush, scheduler }) => {
      const list = [cold<string>('---|'), ['a'], cold<string>('--|'), cold<string>('----|')];
      const { begin, requested } = steps(list, () => scheduler.now());

      expectObservable(pullLoop(begin, scheduler)).toBe('---a-----|');
      flush();
      expect(requested).toEqual([0, 3, 3, 5, 9]);
    }),
  );

  it(
    'a pull loop calls the function begin at each subscription, and not before',
    inVirtualTime(({ expectObservable, flush, scheduler }) => {
      let started = 0;
      const result = pullLoop(() => {
        started++;
        return steps([['a']]).begin();
      }, scheduler);
      expect(started).toBe(0);

      expectObservable(result, '   ^   ').toBe('(a|)   ');
      expectObservable(result, '   ---^').toBe('---(a|)');
      flush();
      expect(started).toBe(2);
    }),
  );

  it.each<[string, Step<number>, number]>([
    ['arrays', [7], MANY],
    ['empty arrays', [], 0],
    ['synchronous Observables', of(7), MANY],
  ])('a pull loop runs a million steps without a stack overflow: %s', (_name, step, emitted) => {
    let values = 0;
    let completed = false;
    pullLoop(repeated(step, MANY), new VirtualClock()).subscribe({
      next: () => values++,
      complete: () => {
        completed = true;
      },
    });
    expect({ values, completed }).toEqual({ values: emitted, completed: true });
  });

  it('a pull loop runs the next steps immediately if a subscriber ends the current step while the subscriber receives a value', () => {
    const step = new Subject<string>();
    const { begin, requested } = steps<string>([step, ['b', 'c'], ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock()).subscribe((value) => {
      if (value === 'a') step.complete();
      seen.push(value);
    });
    step.next('a');
    expect(seen).toEqual(['b', 'c', 'd', 'a']);
    expect(requested).toHaveLength(4);
  });

  it('a pull loop runs one step at a time, even if a subscriber causes the next step while it receives an array', () => {
    const later = new Subject<string>();
    const { begin } = steps<string>([['a', 'b'], later, ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock()).subscribe((value) => {
      seen.push(value);
      if (value === 'b') later.next('missed: there is no subscriber yet');
    });
    later.next('c');
    later.complete();
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });
});
