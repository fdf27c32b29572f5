import { describe, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../delivery/fill.ts';
import { asMarbles, withStore } from '../delivery/virtual-store.ts';

const values = { p: true, g: false };

describe('watch with pauseWhen', () => {
  it(
    'hands nothing over while it is true',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job', 'Job');
      const pauseWhen = cold<boolean>('---p---g----', values);
      const handled = cold('           --|         ');
      const subs = [
        '                              ^-!         ',
        '                              --^-!       ',
        '                              -------^-!  ',
      ];
      const expected = '               --1-2----3  ';

      expectObservable(watch(store, 'w', { handler: () => handled, pauseWhen }).pipe(asMarbles)).toBe(
        expected,
      );
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'makes no further attempt meanwhile, but as soon as it may',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const pauseWhen = cold<boolean>('-p------g-', values);
      const handled = cold('           #         ');
      const subs = ['                              (^!)      ', '                              --------(^!)'];
      const unsubscribed = '           ---------!';
      const outcomes = watch(store, 'w', { handler: () => handled, pauseWhen, initialBackoff: 3 });

      expectObservable(outcomes, unsubscribed).toBe('-');
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'goes on when it completes with false, and does not end with it',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const pauseWhen = cold<boolean>('p--(g|)', values);
      const handled = cold('           -|');
      const expected = '               -1--2';

      expectObservable(watch(store, 'w', { handler: () => handled, pauseWhen }).pipe(asMarbles)).toBe(
        expected,
      );
    }),
  );

  it(
    'lets go of it when it is unsubscribed from',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      const pauseWhen = cold<boolean>('p', values);
      expectObservable(watch(store, 'w', { handler: () => undefined, pauseWhen }), '---!').toBe('-');
      expectSubscriptions(pauseWhen.subscriptions).toBe('^--!');
    }),
  );
});
