import { of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { pullLoop, type Step } from '../../src/scheduling/pull-loop.ts';
import { steps } from './steps.ts';
import { VirtualClock } from './virtual-clock.ts';
import { inVirtualTime } from './virtual-time.ts';

const MANY = 1_000_000;

/** So many times the same step. */
const repeated = (step: Step<number>, times: number) => () => {
  let left = times;
  return () => (left-- > 0 ? step : undefined);
};

describe('pull', () => {
  it(
    'emits what its steps emit, in order, and completes when there is none left',
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
    'asks for a step only when the one before has ended',
    inVirtualTime(({ cold, expectObservable, flush, scheduler }) => {
      const list = [cold<string>('---|'), ['a'], cold<string>('--|'), cold<string>('----|')];
      const { begin, asked } = steps(list, () => scheduler.now());

      expectObservable(pullLoop(begin, scheduler)).toBe('---a-----|');
      flush();
      expect(asked).toEqual([0, 3, 3, 5, 9]);
    }),
  );

  it(
    'begins anew for each subscriber, and not before',
    inVirtualTime(({ expectObservable, flush, scheduler }) => {
      let begun = 0;
      const result = pullLoop(() => {
        begun++;
        return steps([['a']]).begin();
      }, scheduler);
      expect(begun).toBe(0);

      expectObservable(result, '   ^   ').toBe('(a|)   ');
      expectObservable(result, '   ---^').toBe('---(a|)');
      flush();
      expect(begun).toBe(2);
    }),
  );

  it.each<[string, Step<number>, number]>([
    ['arrays', [7], MANY],
    ['empty arrays', [], 0],
    ['synchronous Observables', of(7), MANY],
  ])('takes a million steps in a row without a stack: %s', (_name, step, emitted) => {
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

  it('goes on in order when its subscriber ends the present step from inside the value it was sent', () => {
    const step = new Subject<string>();
    const { begin, asked } = steps<string>([step, ['b', 'c'], ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock()).subscribe((value) => {
      if (value === 'a') step.complete();
      seen.push(value);
    });
    step.next('a');
    expect(seen).toEqual(['b', 'c', 'd', 'a']);
    expect(asked).toHaveLength(4);
  });

  it('takes one step at a time though its subscriber makes the next one ready from inside an array', () => {
    const later = new Subject<string>();
    const { begin } = steps<string>([['a', 'b'], later, ['d']]);
    const seen: string[] = [];
    pullLoop(begin, new VirtualClock()).subscribe((value) => {
      seen.push(value);
      if (value === 'b') later.next('missed: nobody listens yet');
    });
    later.next('c');
    later.complete();
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });
});
