import { asyncScheduler, catchError, concatMap, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { retryWithBackoff } from '../../src/operators/retry-with-backoff.ts';
import { inVirtualTime } from '../scheduling/virtual-time.ts';

describe('retryWithBackoff', () => {
  it(
    'resubscribes after a delay that doubles, up to a cap, and errors once the retries are used up',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const attempt = cold('#');
      expectObservable(
        attempt.pipe(retryWithBackoff({ initialBackoff: 2, maxBackoff: 3, maxRetries: 3 })),
      ).toBe('--------#');
      expectSubscriptions(attempt.subscriptions).toBe(['(^!)', '--(^!)', '-----(^!)', '--------(^!)']);
    }),
  );

  it(
    'leaves what does not fail as it is',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold(' -a-b-|');
      const subs = '    ^----!';
      const expected = '-a-b-|';

      expectObservable(e1.pipe(retryWithBackoff())).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'makes one attempt with no retries',
    inVirtualTime(({ cold, expectObservable, expectSubscriptions }) => {
      const e1 = cold(' -a-#');
      const subs = ['   ^--!'];
      const expected = '-a-#';

      expectObservable(e1.pipe(retryWithBackoff({ maxRetries: 0 }))).toBe(expected);
      expectSubscriptions(e1.subscriptions).toBe(subs);
    }),
  );

  it(
    'never gives up by default, and waits 200 ms, then 400, then 800, up to three minutes',
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
    'counts the delay from the failure, and emits what comes before it again',
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
    'counts the retries, and starts the delays, of each event afresh',
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
    'ends the delay when its subscriber goes',
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
    'runs its delays on the scheduler it is given',
    inVirtualTime(({ cold, expectObservable }) => {
      const twiceAsFast = Object.create(asyncScheduler) as typeof asyncScheduler;
      twiceAsFast.schedule = ((work, delay = 0, state) =>
        asyncScheduler.schedule(work, delay / 2, state)) as typeof asyncScheduler.schedule;
      const options = { initialBackoff: 4, maxRetries: 2, scheduler: twiceAsFast };

      expectObservable(cold('#').pipe(retryWithBackoff(options))).toBe('------#');
    }),
  );

  it(
    'draws its delays at random below what they would be, with jitter',
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
