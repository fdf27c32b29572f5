import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

describe('a watcher of watch', () => {
  it(
    'a watcher delivers events sequentially and emits an outcome for each event, without a pending timer',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job', 'Job');
      const handled = cold('--|    ');
      const subs = ['                   ^-!    ', '                   --^-!  ', '                   ----^-!'];
      const expected = '    --1-2-3';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'a watcher delivers a new event immediately',
    withStore(({ store, cold, hot, expectObservable }) => {
      hot('             --x---y-').subscribe(() => fill(store, 'Job'));
      const handled = cold('-|');
      const expected = '---1---2';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'a watcher delivers events that are stored during an attempt when that attempt has ended, in order',
    withStore(({ store, cold, hot, expectObservable, expectSubscriptions }) => {
      hot('                 xx--x--------').subscribe(() => fill(store, 'Job'));
      const handled = cold('---|         ');
      const subs = [
        '                   ^--!         ',
        '                   ---^--!      ',
        '                   ------^--!   ',
      ];
      const expected = '    ---1--2--3---';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'a watcher waits until the Observable of the handler completes, and ignores the values of that Observable',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const handled = cold('a-b-|');
      const expected = '    ----1---2';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'a watcher emits an outcome with the event and the number of attempts',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job');
      const event = {
        seqNum: 1,
        operation: 'CREATE',
        objectType: 'Job',
        object: { index: 0 },
        timestamp: new Date(0),
      };
      const outcome = { status: 'handled', seqNum: 1, event, attempts: 1 };

      expectObservable(watch(store, 'w', { handler: () => undefined })).toBe('a', { a: outcome });
    }),
  );

  it(
    'a watcher handles all stored events synchronously and in order if the handler is synchronous',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      hot('             -----x---').subscribe(() => fill(store, 'Job', 'Job'));
      const expected = '(123)(45)';

      expectObservable(watch(store, 'w', { handler: () => undefined }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'watch does not call the handler before a subscription',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      let calls = 0;
      const handler = () => {
        calls++;
        return cold('|');
      };
      const watched = watch(store, 'w', { handler });
      flush();
      expect(calls).toBe(0);

      expectObservable(watched.pipe(asMarbles), '---^').toBe('---1');
    }),
  );

  it(
    'watch runs a separate watcher for each subscriber',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const handled = cold('--|     ');
      const watched = watch(store, 'w', { handler: () => handled, ephemeral: true }).pipe(asMarbles);

      expectObservable(watched, '^-------').toBe('--1-2---');
      expectObservable(watched, '---^----').toBe('-----1-2');
      expectSubscriptions(handled.subscriptions).toBe(['^-!', '--^-!', '---^-!', '-----^-!']);
    }),
  );
});
