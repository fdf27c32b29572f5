import { EMPTY, type Observable, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { EventHandlingError } from '../../../src/errors.ts';
import type { EventHandler } from '../../../src/handling/handler.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { storedEvent } from '../../support/events.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill } from '../../support/watcher/fill.ts';
import { started } from '../../support/watcher/managed-watcher.ts';
import { asMarbles, withStore } from '../../support/watcher/virtual-store.ts';

const backoff = { initialBackoff: 2, maxBackoff: 3 };

const jobEvent = (seqNum: number, index: number) => ({ ...storedEvent(seqNum), object: { index } });

/** Creates a handler that fails a number of attempts at each event. */
const failing =
  (attempt: Observable<unknown>, failures: number): EventHandler =>
  (_event, context) =>
    context.attempt <= failures ? attempt : EMPTY;

describe('a watcher of watch with a handler that fails', () => {
  it(
    'a watcher retries an event after a delay that doubles up to maxBackoff, and delivers no other event meanwhile',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('#                           ');
      const subs = [
        '                   (^!)                        ',
        '                   --(^!)                      ',
        '                   -----(^!)                   ',
        '                   --------(^!)                ',
        '                   ----------(^!)              ',
        '                   -------------(^!)           ',
      ];
      const expected = '    --------1-------2           ';
      const watched = watch(store, 'w', { ...backoff, handler: failing(attempt, 3) });

      expectObservable(watched.pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'a watcher with retryStrategy block retries without a limit, regardless of maxRetries',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#                 ');
      const unsub = '       ^-----------------!';
      const subs = [
        '                   ^!                 ',
        '                   ---^!              ',
        '                   -------^!          ',
        '                   -----------^!      ',
        '                   ---------------^!  ',
      ];
      const options = { ...backoff, maxRetries: 1, retryStrategy: 'block', handler: () => attempt } as const;

      expectObservable(watch(store, 'w', options), unsub).toBe('-');
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it.each([
    ['skip', 'ten', 11],
    ['deadLetter', 'ten', 11],
    ['stop', 'ten', 11],
    ['block', 'more than ten', 20],
  ] as const)(
    'a watcher with retryStrategy %s makes %s retries by default',
    async (retryStrategy, _retries, attempts) => {
      const { clock, byHand } = started({ events: 1, retryStrategy, initialBackoff: 0 });
      while (byHand.isBusy && byHand.seqNums.length < 20) {
        byHand.fail(new Error('no'));
        clock.advanceBy(0);
        await nextTurn();
      }
      expect(byHand.seqNums).toHaveLength(attempts);
    },
  );

  it(
    'a watcher with retryStrategy skip skips an event after maxRetries retries, and continues without a delay',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('-#           ');
      const subs = [
        '                   ^!           ',
        '                   ---^!        ',
        '                   -------^!    ',
        '                   --------^!   ',
        '                   -----------^!',
        '                   ---------------^!',
      ];
      const expected = '    --------a-------b';
      const options = { ...backoff, maxRetries: 2, retryStrategy: 'skip', handler: () => attempt } as const;

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'a watcher with retryStrategy skip skips an event after one attempt if maxRetries is 0',
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job', 'Job');
      const attempt = cold('--#  ');
      const subs = ['       ^-!  ', '--^-!'];
      const expected = '    --a-b';
      const options = { maxRetries: 0, retryStrategy: 'skip', handler: () => attempt } as const;

      expectObservable(watch(store, 'w', options).pipe(asMarbles)).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'a watcher emits the number of attempts in the outcomes of handled and skipped events',
    withStore(({ store, expectObservable }) => {
      fill(store, 'Job', 'Job');
      const handler: EventHandler = ({ seqNum }, { attempt }) =>
        seqNum === 1 && attempt === 3 ? EMPTY : throwError(() => `failure ${attempt}`);
      const options = { ...backoff, maxRetries: 2, retryStrategy: 'skip', handler } as const;

      expectObservable(watch(store, 'w', options)).toBe('-----a----b', {
        a: { status: 'handled', seqNum: 1, attempts: 3, event: jobEvent(1, 0) },
        b: {
          status: 'skipped',
          seqNum: 2,
          attempts: 3,
          event: jobEvent(2, 1),
          error: new EventHandlingError('w', 2, 3, 'failure 3'),
        },
      });
    }),
  );
});
