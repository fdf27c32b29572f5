import { type EventHandler, type WatcherOptions, watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { assertMarbles, formatOutcome, request } from 'rx-watcher/testing';
import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, it } from 'vitest';
import { circuitBreaker } from './circuit-breaker.ts';

const outcomes = { a: 'handled 1', b: 'handled 2', x: 'skipped 1' };

describe('a circuit breaker', () => {
  let scheduler: TestScheduler;
  beforeEach(() => {
    scheduler = new TestScheduler(assertMarbles);
  });

  /** Runs a watcher on two events. Its circuit opens for 8 frames after three failures. */
  const watched = (handler: EventHandler, options: WatcherOptions = {}) => {
    const store = createMemoryStore({ scheduler });
    void store.storeEvents([request(), request()]);
    const retryStrategy = circuitBreaker({
      failures: 3,
      openFor: 8,
      retryAfter: 2,
      isFaultOfEvent: (error) => error === 'no such address',
    });
    return watch(store, 'w', { ...options, retryStrategy, handler }).pipe(map(formatOutcome));
  };

  it('a circuit breaker retries after a short delay, and waits longer after three successive failures', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const attempt = cold('-#                         ');
      const unsubscribed = '^---------------------------!';
      const attempts = [
        '                    ^!                         ',
        '                    ---^!                      ',
        '                    ------^!                   ', // the third failure, at 7
        '                    ---------------^!          ', // retried after 8
        '                    ------------------------^! ',
      ];

      expectObservable(
        watched(() => attempt),
        unsubscribed,
      ).toBe('');
      expectSubscriptions(attempt.subscriptions).toBe(attempts);
    });
  });

  it('a circuit breaker resets its number of failures after a success', () => {
    scheduler.run(({ cold, expectObservable }) => {
      const handler: EventHandler = (_event, { attempt }) => cold(attempt <= 2 ? '#' : '|');
      const expected = '----a---b';

      expectObservable(watched(handler)).toBe(expected, outcomes);
    });
  });

  it('a circuit breaker delays events of other keys while the circuit is open', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      // The first event opens the circuit at 4. The second fails at 5, and both wait 8 from then on.
      const first = cold('   #              ');
      const second = cold('  -----#         ');
      const unsubscribed = ' ^-------------!';
      const firstTried = ['  (^!)', '--(^!)', '----(^!)', '-------------(^!)'];
      const secondTried = [' ^----!', '-------------^!'];
      const handler: EventHandler = ({ seqNum }) => (seqNum === 1 ? first : second);
      const keyed = { concurrency: 2, keyOf: ({ seqNum }: { readonly seqNum: number }) => `${seqNum}` };

      expectObservable(watched(handler, keyed), unsubscribed).toBe('');
      expectSubscriptions(first.subscriptions).toBe(firstTried);
      expectSubscriptions(second.subscriptions).toBe(secondTried);
    });
  });

  it('a circuit breaker skips an event that can never be handled, and does not count the failure', () => {
    scheduler.run(({ cold, expectObservable }) => {
      const handler: EventHandler = ({ seqNum }, { attempt }) => {
        if (seqNum === 1) return cold('-#', {}, 'no such address');
        return cold(attempt <= 2 ? '#' : '|');
      };
      const expected = '-x---b';

      expectObservable(watched(handler)).toBe(expected, outcomes);
    });
  });
});
