import {
  catchError,
  concat,
  EMPTY,
  interval,
  merge,
  type Observable,
  of,
  retry,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../src/errors.ts';
import type { RetryContext, RetryStrategy } from '../../src/handling/retry-strategy.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { withStore } from '../support/watcher/virtual-store.ts';
import { attempted } from './attempted.ts';

const by = (retryStrategy: RetryStrategy) => ({ retryStrategy });

describe('a custom retry strategy', () => {
  it(
    'a custom retry strategy that completes after a successful attempt leads to the outcome handled',
    attempted(
      by((attempt) => attempt),
      { attempt: '--|', subs: '^-!', expected: '--1' },
    ),
  );

  it(
    'a custom retry strategy that completes after a failed attempt leads to the outcome skipped',
    attempted(
      by((attempt, { scheduler }) => attempt.pipe(catchError(() => timer(3, scheduler)))),
      { attempt: '-#   ', subs: '^!   ', expected: '----a' },
    ),
  );

  it(
    'a custom retry strategy decides the number and the delays of retries',
    attempted(
      by((attempt, { scheduler }) =>
        attempt.pipe(
          retry({ count: 2, delay: (_error, failures) => timer(failures, scheduler) }),
          catchError(() => EMPTY),
        ),
      ),
      { attempt: '-#', subs: ['^!', '--^!', '-----^!'], expected: '------a' },
    ),
  );

  it(
    'a custom retry strategy can delay the first attempt',
    attempted(
      by((attempt, { scheduler }) => concat(timer(3, scheduler), attempt)),
      { attempt: '-|', subs: '---^!', expected: '----1' },
    ),
  );

  it(
    'a custom retry strategy that continues after a successful attempt delays the outcome',
    attempted(
      by((attempt, { scheduler }) => concat(attempt, timer(2, scheduler))),
      { attempt: '-|', subs: '^!', expected: '---1' },
    ),
  );

  it(
    'a watcher ignores the values that a custom retry strategy emits',
    attempted(
      by((attempt, { scheduler }) =>
        merge(interval(1, scheduler).pipe(takeUntil(timer(5, scheduler))), of(undefined, null), attempt),
      ),
      { attempt: '-|', subs: '^!', expected: '-----1' },
    ),
  );

  it(
    'a custom retry strategy can give an event up without an attempt',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job');
      const handler = () => expect.unreachable('the handler was called');

      expectObservable(watch(store, 'w', { retryStrategy: () => EMPTY, handler })).toBe('a', {
        a: expect.objectContaining({
          status: 'skipped',
          seqNum: 1,
          attempts: 0,
          error: new EventHandlingError('w', 1, 0, 'the retry strategy gave the event up'),
        }),
      });
    }),
  );

  it(
    'a custom retry strategy can abandon an attempt that is still in flight',
    attempted(
      by((attempt, { scheduler }) => attempt.pipe(takeUntil(timer(3, scheduler)))),
      { attempt: '-----|', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'an event is skipped if its custom retry strategy completes after a failed attempt, even if an earlier one succeeded',
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job');
      const twice: RetryStrategy = (attempt) => concat(attempt, attempt).pipe(catchError(() => EMPTY));
      const handler = (_event: unknown, context: { readonly attempt: number }) =>
        cold(context.attempt === 1 ? '-|' : '-#', {}, 'no');

      expectObservable(watch(store, 'w', { retryStrategy: twice, handler })).toBe('--a', {
        a: expect.objectContaining({ status: 'skipped', attempts: 2 }),
      });
    }),
  );

  const error = new Error('enough');
  it.each<[string, RetryStrategy, unknown, number]>([
    ['errors with the failure of the attempt', (attempt) => attempt, 'no', 1],
    [
      'errors with its own error',
      (attempt) => attempt.pipe(catchError(() => throwError(() => error))),
      error,
      1,
    ],
    ['errors before the first attempt', () => throwError(() => error), error, 0],
    ['throws', () => expect.fail('enough'), expect.objectContaining({ message: 'enough' }), 0],
    ['returns nothing', () => undefined as unknown as Observable<never>, expect.any(TypeError), 0],
  ])(
    'a watcher fails, with the error as the cause, if its custom retry strategy %s',
    (_name, retryStrategy, cause, attempts) =>
      withStore(({ store, cold, expectObservable }) => {
        fill(store, 'Job', 'Job');
        const failure = { code: 'ERR_EVENT_HANDLING', watcherId: 'w', seqNum: 1, attempts, cause };
        const watched = watch(store, 'w', { retryStrategy, handler: () => cold('#', {}, 'no') });

        expectObservable(watched).toBe('#', undefined, expect.objectContaining(failure));
      })(),
  );

  it('a custom retry strategy receives the watcher id, the event and the scheduler', () => {
    const contexts: RetryContext[] = [];
    withStore(({ store, scheduler, expectObservable, flush }) => {
      fill(store, 'Job');
      const retryStrategy: RetryStrategy = (attempt, context) => {
        contexts.push(context);
        return attempt;
      };
      expectObservable(watch(store, 'w', { retryStrategy, handler: () => EMPTY })).toBe('a', {
        a: expect.anything(),
      });
      flush();
      expect(contexts).toEqual([
        { watcherId: 'w', seqNum: 1, event: expect.objectContaining({ seqNum: 1 }), scheduler },
      ]);
    })();
  });
});
