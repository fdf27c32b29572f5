import { describe, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

const values = { p: true, r: false };

describe('a watcher of watch with pauseWhen', () => {
  it(
    'watch delivers nothing while the last value of pauseWhen is true',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job', 'Job');
      const pauseWhen = cold<boolean>('---p---r----', values);
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
    'watch makes no retry while the last value of pauseWhen is true, but makes a due retry immediately afterwards',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const pauseWhen = cold<boolean>('-p------r-', values);
      const handled = cold('           #         ');
      const subs = ['                              (^!)      ', '                              --------(^!)'];
      const unsubscribed = '           ---------!';
      const outcomes = watch(store, 'w', { handler: () => handled, pauseWhen, initialBackoff: 3 });

      expectObservable(outcomes, unsubscribed).toBe('-');
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'watch continues if pauseWhen emits false and completes',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const pauseWhen = cold<boolean>('p--(r|)', values);
      const handled = cold('           -|');
      const expected = '               -1--2';

      expectObservable(watch(store, 'w', { handler: () => handled, pauseWhen }).pipe(asMarbles)).toBe(
        expected,
      );
    }),
  );

  it(
    'watch unsubscribes from pauseWhen when its own subscriber unsubscribes',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      const pauseWhen = cold<boolean>('p', values);
      expectObservable(watch(store, 'w', { handler: () => undefined, pauseWhen }), '---!').toBe('-');
      expectSubscriptions(pauseWhen.subscriptions).toBe('^--!');
    }),
  );
});
