import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fill } from './fill.ts';
import { asMarbles, withStore } from './virtual-store.ts';

describe('watch', () => {
  it(
    'hands over one event after another and emits an outcome for each; a test of it ends by itself',
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
    'hands over at once what is stored later',
    withStore(({ store, cold, hot, expectObservable }) => {
      hot('             --x---y-').subscribe(() => fill(store, 'Job'));
      const handled = cold('-|');
      const expected = '---1---2';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'lets what is stored while the handler is busy wait for its turn',
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
    'waits for the completion of what the handler returns, and does not look at its values',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const handled = cold('a-b-|');
      const expected = '    ----1---2';

      expectObservable(watch(store, 'w', { handler: () => handled }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'emits the outcome with the event and the number of attempts',
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
    'keeps the order of the log through synchronous handlers, and handles all that is there at once',
    withStore(({ store, hot, expectObservable }) => {
      fill(store, 'Job', 'Job', 'Job');
      hot('             -----x---').subscribe(() => fill(store, 'Job', 'Job'));
      const expected = '(123)(45)';

      expectObservable(watch(store, 'w', { handler: () => undefined }).pipe(asMarbles)).toBe(expected);
    }),
  );

  it(
    'is cold: it reads and calls nothing before it is subscribed to',
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
    'is a watcher of its own for each subscriber',
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
