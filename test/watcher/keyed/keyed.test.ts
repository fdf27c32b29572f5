import { EMPTY, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { asMarbles, withStore } from '../delivery/virtual-store.ts';
import { fillKeys, keyOf } from './lanes-by-hand.ts';

describe('a watcher that handles by key', () => {
  it(
    'handles events of different keys at the same time, and those of one key in order',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fillKeys(store, 'aabc');
      const a = cold('    ---|       ');
      const b = cold('    ----|      ');
      const c = cold('    -|         ');
      const expected = '  -4-13-2    ';
      const byKey: Record<string, typeof a> = { a, b, c };
      const handler = (event: Parameters<typeof keyOf>[0]) => byKey[keyOf(event)];
      const watched = watch(store, 'w', { handler, keyOf, concurrency: 9 });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(['^--!', '---^--!']);
      expectSubscriptions(b.subscriptions).toBe('   ^---!');
      expectSubscriptions(c.subscriptions).toBe('   ^!');
    }),
  );

  it.each([2, 3, 9])('calls no more than %i handlers at the same time', (concurrency) => {
    withStore(({ store, cold, flush }) => {
      fillKeys(store, 'abcdef');
      let running = 0;
      let most = 0;
      const handler = () => {
        most = Math.max(most, ++running);
        return cold('--|').pipe(tap({ complete: () => running-- }));
      };
      watch(store, 'w', { handler, keyOf, concurrency }).subscribe();
      flush();
      expect({ most, running }).toEqual({ most: Math.min(concurrency, 6), running: 0 });
    })();
  });

  it(
    'lets another key have the place of one that waits to try again, and keeps the order of its own',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fillKeys(store, 'aabbc');
      const a = cold('    -#       ');
      const others = cold('--|      ');
      const subs = [
        '                  ^-!      ', // 3, beside the first attempt at 1
        '                  -^-!     ', // 5, in its place
        '                  --^-!    ', // 4
        '                  ---^-!   ', // 1 again, behind its backoff
        '                  -----^-! ', // 2
      ];
      const expected = '    --3541-2 ';
      const handler = ({ seqNum }: { seqNum: number }, { attempt }: { attempt: number }) =>
        seqNum === 1 && attempt === 1 ? a : others;
      const watched = watch(store, 'w', { handler, keyOf, concurrency: 2, initialBackoff: 2 });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe('^!');
      expectSubscriptions(others.subscriptions).toBe(subs);
    }),
  );

  it(
    'goes on with what is stored later, while others are in flight',
    withStore(({ store, cold, hot, expectObservable, expectSubscriptions }) => {
      hot('             -a-b-a').subscribe((key) => fillKeys(store, key));
      const handled = cold('----|       ');
      const subs = ['       -^---!      ', '---^---!', '-----^---!'];
      const expected = '    -----1-2-3  ';
      const watched = watch(store, 'w', { handler: () => handled, keyOf, concurrency: 2 });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(handled.subscriptions).toBe(subs);
    }),
  );

  it(
    'handles in turn what has one key',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fillKeys(store, 'aaa');
      const handled = cold('--|');
      const watched = watch(store, 'w', { handler: () => handled, keyOf, concurrency: 5 });

      expectObservable(watched.pipe(asMarbles)).toBe('--1-2-3');
      expectSubscriptions(handled.subscriptions).toBe(['^-!', '--^-!', '----^-!']);
    }),
  );

  it.each([
    ['of one key', () => 'a'],
    ['each of its own key', ({ seqNum }: { seqNum: number }) => `${seqNum}`],
    ['of some keys', ({ seqNum }: { seqNum: number }) => `${seqNum % 7}`],
  ])('handles ten thousand events at once, without a stack: %s', (_name, keyOf) => {
    withStore(({ store, flush }) => {
      fillKeys(store, 'a'.repeat(10_000));
      let done = 0;
      watch(store, 'w', { handler: () => EMPTY, keyOf, concurrency: 4 }).subscribe(() => done++);
      flush();
      expect(done).toBe(10_000);
    })();
  });
});
