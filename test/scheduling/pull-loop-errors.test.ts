import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { steps } from './steps.ts';
import { inVirtualTime } from './virtual-time.ts';

const fail = (): never => {
  throw 'error';
};

describe('an error in pull', () => {
  it(
    'is given on when it comes from the beginning',
    inVirtualTime(({ expectObservable, scheduler }) => {
      expectObservable(pullLoop(fail, scheduler)).toBe('#');
    }),
  );

  it(
    'is given on when a step cannot be told, behind those before it',
    inVirtualTime(({ cold, expectObservable, scheduler }) => {
      const list = [cold<string>('--a-|')];
      const begin = () => () => list.shift() ?? fail();
      expectObservable(pullLoop(begin, scheduler)).toBe('--a-#');
    }),
  );

  it(
    'is given on when it comes from a step, and no other step is asked for',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const failing = cold<string>('--b--#');
      const subs = '               ^----!';
      const expected = '           a-b--#';
      const { begin, asked } = steps<string>([['a'], failing, ['c']]);

      expectObservable(pullLoop(begin, scheduler)).toBe(expected);
      expectSubscriptions(failing.subscriptions).toBe(subs);
      flush();
      expect(asked).toHaveLength(2);
    }),
  );
});
