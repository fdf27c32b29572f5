import { EMPTY, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { continueWith } from '../../src/scheduling/continue-with.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('the operator continueWith', () => {
  it(
    'continueWith subscribes to the next Observable when the source completes, and ends the subscription to the source',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-|      ');
      const next = cold('     -b-c|  ');
      expectObservable(continueWith(source, () => next)).toBe('----b-c|');
      expectSubscriptions(source.subscriptions).toBe('^--!');
      expectSubscriptions(next.subscriptions).toBe('---^---!');
    }),
  );

  it(
    'continueWith unsubscribes from the source or the next Observable when its subscriber unsubscribes',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-|   ');
      const next = cold('     ----');
      const result = continueWith(source, () => next);
      expectObservable(result, '^-!').toBe('---');
      expectObservable(result, '^----!').toBe('------');
      expectSubscriptions(source.subscriptions).toBe(['^-!', '^--!']);
      expectSubscriptions(next.subscriptions).toBe('---^-!');
    }),
  );

  it(
    'continueWith fails with the error of the source, of the projection or of the next Observable',
    inVirtualTime(({ cold, expectObservable }) => {
      const throwing = () => {
        throw 'error';
      };
      expectObservable(continueWith(cold('--#'), () => EMPTY)).toBe('--#');
      expectObservable(continueWith(of(1), throwing)).toBe('#');
      expectObservable(continueWith(of(1), () => cold('-#'))).toBe('-#');
    }),
  );

  it('continueWith completes if the source completes without a value', () => {
    let isComplete = false;
    continueWith(EMPTY, () => of(1)).subscribe({
      complete() {
        isComplete = true;
      },
    });
    expect(isComplete).toBe(true);
  });
});
