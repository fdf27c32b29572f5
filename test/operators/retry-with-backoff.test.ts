import { asyncScheduler, catchError, concatMap, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { retryWithBackoff } from '../../src/operators/retry-with-backoff.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('the operator retryWithBackoff', () => {
  it(
    'retryWithBackoff subscribes again after a delay that doubles up to maxBackoff, and errors after maxRetries retries',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const attempt = cold('#');
      expectObservable(
        attempt.pipe(retryWithBackoff({ initialBackoff: 2, maxBackoff: 3, maxRetries: 3 })),
      ).toBe('--------#');
      expectSubscriptions(attempt.subscriptions).toBe(['(^!)', '--(^!)', '-----(^!)', '--------(^!)']);
    }),
  );

  it(
    'retryWithBackoff passes on the values of a source that does not fail',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold(' -a-b-|');
      const subs = '    ^----!';
      const expected = '-a-b-|';

      expectObservable(e1.pipe(retryWithBackoff())).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryWithBackoff subscribes to the source once if maxRetries is 0',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold(' -a-#');
      const subs = ['   ^--!'];
      const expected = '-a-#';

      expectObservable(e1.pipe(retryWithBackoff({ maxRetries: 0 }))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryWithBackoff retries without a limit by default, after 200 ms, 400 ms, 800 ms and so on up to three minutes',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold('#');
      const unsub = '               ^ 743800ms !';
      const subs = [
        '               (^!)',
        '200ms (^!)',
        '600ms (^!)',
        '1400ms (^!)',
        '3s (^!)',
        '6200ms (^!)',
      ];
      subs.push('12600ms (^!)', '25400ms (^!)', '51s (^!)', '102200ms (^!)', '204600ms (^!)');
      subs.push('384600ms (^!)', '564600ms (^!)');

      expectObservable(e1.pipe(retryWithBackoff()), unsub).toBe('-');
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryWithBackoff starts the delay at the failure, and emits the values of each attempt',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold(' -a#         ');
      const subs = [
        '               ^-!          ',
        '               ----^-!      ',
        '               ----------^-!',
      ];
      const expected = '-a---a-----a#';

      expectObservable(e1.pipe(retryWithBackoff({ initialBackoff: 2, maxRetries: 2 }))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryWithBackoff counts retries and computes delays separately for each subscription',
    inVirtualTime(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const attempt = cold('-#');
      const e1 = hot('        a-------b-------|');
      const subs = [
        '                     ^!               ',
        '                     ---^!            ',
        '                     --------^!       ',
        '                     -----------^!    ',
      ];
      const expected = '      ----x-------x---|';
      const retried = attempt.pipe(
        retryWithBackoff({ initialBackoff: 2, maxRetries: 1 }),
        catchError(() => of('x')),
      );

      expectObservable(e1.pipe(concatMap(() => retried))).toBe(expected);
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    }),
  );

  it(
    'retryWithBackoff cancels the delay when its subscriber unsubscribes',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions, flush, scheduler }) => {
      const e1 = cold(' -#   ');
      const unsub = '   ^---!';
      const subs = ['   ^!   '];
      const expected = '-----';

      expectObservable(e1.pipe(retryWithBackoff({ initialBackoff: 9, scheduler })), unsub).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
      flush();
      expect(scheduler.now()).toBe(4);
    }),
  );

  it(
    'retryWithBackoff uses the given scheduler for its delays',
    inVirtualTime(({ cold, expectObservable }) => {
      const twiceAsFast = Object.create(asyncScheduler) as typeof asyncScheduler;
      twiceAsFast.schedule = ((work, delay = 0, state) =>
        asyncScheduler.schedule(work, delay / 2, state)) as typeof asyncScheduler.schedule;
      const options = { initialBackoff: 4, maxRetries: 2, scheduler: twiceAsFast };

      expectObservable(cold('#').pipe(retryWithBackoff(options))).toBe('------#');
    }),
  );

  it(
    'retryWithBackoff multiplies each delay by a random factor if jitter is true',
    inVirtualTime(({ cold, flush, scheduler }) => {
      const ends: number[] = [];
      const retried = cold('#').pipe(
        retryWithBackoff({ initialBackoff: 1000, maxBackoff: 500, maxRetries: 1, jitter: true }),
      );
      for (let i = 0; i < 100; i++) retried.subscribe({ error: () => ends.push(scheduler.now()) });
      flush();

      expect(new Set(ends).size).toBeGreaterThan(50);
      expect(Math.min(...ends)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...ends)).toBeLessThanOrEqual(500);
    }),
  );
});
