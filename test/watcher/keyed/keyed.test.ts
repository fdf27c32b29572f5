import { EMPTY, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/watcher/watch.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

describe('a keyed watcher', () => {
  it(
    'a keyed watcher handles events of different keys concurrently, and events of one key in order',
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

  it.each([2, 3, 9])(
    'a keyed watcher with a concurrency of %i calls at most that many handlers concurrently',
    (concurrency) => {
      withStore(({ store, cold, flush }) => {
        fillKeys(store, 'abcdef');
        let running = 0;
        let maxRunning = 0;
        const handler = () => {
          maxRunning = Math.max(maxRunning, ++running);
          return cold('--|').pipe(tap({ complete: () => running-- }));
        };
        watch(store, 'w', { handler, keyOf, concurrency }).subscribe();
        flush();
        expect({ maxRunning, running }).toEqual({ maxRunning: Math.min(concurrency, 6), running: 0 });
      })();
    },
  );

  it(
    'a keyed watcher handles events of other keys during a backoff, and the events of the retried key in order',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fillKeys(store, 'aabbc');
      const a = cold('    -#       ');
      const others = cold('--|      ');
      const subs = [
        '                  ^-!      ', // 3, concurrent with the first attempt at 1
        '                  -^-!     ', // 5, after the failed first attempt at 1
        '                  --^-!    ', // 4
        '                  ---^-!   ', // 1 again, after its backoff
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
    'a keyed watcher handles new events while earlier events of other keys are in flight',
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
    'a keyed watcher handles events of one key one after another, even if it could call more handlers concurrently',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fillKeys(store, 'aaa');
      const handled = cold('--|');
      const watched = watch(store, 'w', { handler: () => handled, keyOf, concurrency: 5 });

      expectObservable(watched.pipe(asMarbles)).toBe('--1-2-3');
      expectSubscriptions(handled.subscriptions).toBe(['^-!', '--^-!', '----^-!']);
    }),
  );

  it.each([
    ['with one key', () => 'a'],
    ['with a key per event', ({ seqNum }: { seqNum: number }) => `${seqNum}`],
    ['with seven keys', ({ seqNum }: { seqNum: number }) => `${seqNum % 7}`],
  ])('a keyed watcher handles ten thousand stored events without recursion: %s', (_name, keyOf) => {
    withStore(({ store, flush }) => {
      fillKeys(store, 'a'.repeat(10_000));
      let outcomes = 0;
      watch(store, 'w', { handler: () => EMPTY, keyOf, concurrency: 4 }).subscribe(() => outcomes++);
      flush();
      expect(outcomes).toBe(10_000);
    })();
  });
});
