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
import { fill } from '../watcher/delivery/fill.ts';
import { withStore } from '../watcher/delivery/virtual-store.ts';
import { attempted } from './attempted.ts';

const by = (retryStrategy: RetryStrategy) => ({ retryStrategy });

describe('a strategy of your own', () => {
  it(
    'that completes behind a success has the event handled',
    attempted(
      by((attempt) => attempt),
      { attempt: '--|', subs: '^-!', expected: '--1' },
    ),
  );

  it(
    'that completes behind a failure has the event skipped, when it completes',
    attempted(
      by((attempt, { scheduler }) => attempt.pipe(catchError(() => timer(3, scheduler)))),
      { attempt: '-#   ', subs: '^!   ', expected: '----a' },
    ),
  );

  it(
    'tries as often as it likes, when it likes',
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
    'may wait before the first attempt',
    attempted(
      by((attempt, { scheduler }) => concat(timer(3, scheduler), attempt)),
      { attempt: '-|', subs: '---^!', expected: '----1' },
    ),
  );

  it(
    'may go on behind an event that was handled, which is told when it is done',
    attempted(
      by((attempt, { scheduler }) => concat(attempt, timer(2, scheduler))),
      { attempt: '-|', subs: '^!', expected: '---1' },
    ),
  );

  it(
    'may emit whatever it likes',
    attempted(
      by((attempt, { scheduler }) =>
        merge(interval(1, scheduler).pipe(takeUntil(timer(5, scheduler))), of(undefined, null), attempt),
      ),
      { attempt: '-|', subs: '^!', expected: '-----1' },
    ),
  );

  it(
    'may give an event up without an attempt: it is skipped, and the error says why',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job');
      const handler = () => expect.unreachable('nobody asked');

      expectObservable(watch(store, 'w', { retryStrategy: () => EMPTY, handler })).toBe('a', {
        a: expect.objectContaining({
          status: 'skipped',
          seqNum: 1,
          attempts: 0,
          error: new EventHandlingError('w', 1, 0, 'the retry strategy gave it up'),
        }),
      });
    }),
  );

  it(
    'may leave an attempt that takes too long for its taste',
    attempted(
      by((attempt, { scheduler }) => attempt.pipe(takeUntil(timer(3, scheduler)))),
      { attempt: '-----|', subs: '^--!', expected: '---a' },
    ),
  );

  it(
    'says by its last attempt whether the event was handled',
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
    ['lets the failure pass', (attempt) => attempt, 'no', 1],
    ['errors with its own', (attempt) => attempt.pipe(catchError(() => throwError(() => error))), error, 1],
    ['errors before any attempt', () => throwError(() => error), error, 0],
    ['throws', () => expect.fail('enough'), expect.objectContaining({ message: 'enough' }), 0],
    ['returns nothing', () => undefined as unknown as Observable<never>, expect.any(TypeError), 0],
  ])('that %s fails the watcher, and that is the cause', (_what, retryStrategy, cause, attempts) =>
    withStore(({ store, cold, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const failure = { code: 'ERR_EVENT_HANDLING', watcherId: 'w', seqNum: 1, attempts, cause };
      const watched = watch(store, 'w', { retryStrategy, handler: () => cold('#', {}, 'no') });

      expectObservable(watched).toBe('#', undefined, expect.objectContaining(failure));
    })(),
  );

  it('is told whose event it is, and what time it is', () => {
    const told: RetryContext[] = [];
    withStore(({ store, scheduler, expectObservable, flush }) => {
      fill(store, 'Job');
      const retryStrategy: RetryStrategy = (attempt, context) => {
        told.push(context);
        return attempt;
      };
      expectObservable(watch(store, 'w', { retryStrategy, handler: () => EMPTY })).toBe('a', {
        a: expect.anything(),
      });
      flush();
      expect(told).toEqual([
        { watcherId: 'w', seqNum: 1, event: expect.objectContaining({ seqNum: 1 }), scheduler },
      ]);
    })();
  });
});
