import { describe, expect, it } from 'vitest';
import { pullLoop } from '../../src/scheduling/pull-loop.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { steps } from './steps.ts';

const fail = (): never => {
  throw 'error';
};

describe('pullLoop', () => {
  it(
    'a pull loop errors with the error that the function begin throws',
    inVirtualTime(({ expectObservable, scheduler }) => {
      expectObservable(pullLoop(fail, scheduler)).toBe('#');
    }),
  );

  it(
    'a pull loop emits the values of earlier steps, and then errors, if the function that returns the steps throws',
    inVirtualTime(({ cold, expectObservable, scheduler }) => {
      const list = [cold<string>('--a-|')];
      const begin = () => () => list.shift() ?? fail();
      expectObservable(pullLoop(begin, scheduler)).toBe('--a-#');
    }),
  );

  it(
    'a pull loop errors with the error of a step, and requests no further step',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const failing = cold<string>('--b--#');
      const subs = '               ^----!';
      const expected = '           a-b--#';
      const { begin, requested } = steps<string>([['a'], failing, ['c']]);

      expectObservable(pullLoop(begin, scheduler)).toBe(expected);
      expectSubscriptions(failing.subscriptions).toBe(subs);
      flush();
      expect(requested).toHaveLength(2);
    }),
  );
});
