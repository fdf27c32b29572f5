import { type Observable, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../src/errors.ts';
import type { EventHandler } from '../../src/handling/handler.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { asMarbles, withStore } from '../support/watcher/virtual-store.ts';

const busyOnly = { initialBackoff: 2, maxBackoff: 2, retryIf: (error: unknown) => error === 'busy' } as const;

/** Creates a handler that returns, for attempt `n` at an event, the Observable `n` of the list. */
const attemptsInOrder =
  (...attempts: readonly Observable<never>[]): EventHandler =>
  (_event, { attempt }) =>
    attempts[attempt - 1];

describe('retryIf', () => {
  it(
    'retryStrategy skip skips an event without another retry if retryIf returns false',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#   ', {}, 'broken');
      const subs = ['       ^!   ', '-^!  '];
      const expected = '    -ab  ';
      const watched = watch(store, 'w', { ...busyOnly, retryStrategy: 'skip', handler: () => attempt });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'retries end at the first error for which retryIf returns false',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      const busy = cold<never>('  -#      ', {}, 'busy');
      const broken = cold<never>('-#      ', {}, 'broken');
      const busySubs = ['         ^!      ', '---^!   '];
      const brokenSubs = '        ------^!';
      const expected = '          -------#';
      const handler = attemptsInOrder(busy, busy, broken);
      const watched = watch(store, 'w', { ...busyOnly, retryStrategy: 'stop', handler });

      expectObservable(watched).toBe(expected, undefined, new EventHandlingError('w', 1, 3, 'broken'));
      expectSubscriptions(busy.subscriptions).toBe(busySubs);
      expectSubscriptions(broken.subscriptions).toBe(brokenSubs);
    }),
  );

  it(
    'a watcher with retryStrategy block fails if retryIf returns false',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#', {}, 'broken');
      const watched = watch(store, 'w', { ...busyOnly, handler: () => attempt });

      expectObservable(watched).toBe('-#', undefined, new EventHandlingError('w', 1, 1, 'broken'));
      expectSubscriptions(attempt.subscriptions).toBe('^!');
    }),
  );

  it(
    'retryIf is called once for each failed attempt that a retry can follow, with the error of the attempt',
    withStore(({ store, cold, expectObservable, flush }) => {
      fill(store, 'Job');
      const errors: unknown[] = [];
      const retryIf = (error: unknown) => errors.push(error) > 0;
      const handler: EventHandler = (_event, { attempt }) => cold('#', {}, `failure ${attempt}`);
      const watched = watch(store, 'w', {
        ...busyOnly,
        retryIf,
        maxRetries: 2,
        retryStrategy: 'skip',
        handler,
      });

      expectObservable(watched.pipe(asMarbles)).toBe('----a');
      flush();
      expect(errors).toEqual(['failure 1', 'failure 2']);
    }),
  );

  it(
    'retryIf is not called after the last retry',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job');
      const retryIf = () => {
        throw new Error('retryIf was called');
      };
      const watched = watch(store, 'w', {
        retryIf,
        maxRetries: 0,
        retryStrategy: 'skip',
        handler: () => cold('#'),
      });

      expectObservable(watched.pipe(asMarbles)).toBe('a');
    }),
  );

  it(
    'an event is retried if retryIf throws an error',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const retryIf = () => {
        throw new Error('a bug');
      };
      const handler = attemptsInOrder(cold('-#'), cold('|'));
      const watched = watch(store, 'w', { retryIf, handler, initialBackoff: 2 });

      expectObservable(watched.pipe(take(1), asMarbles)).toBe('---(1|)');
    }),
  );
});
