import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RetryStrategyName } from '../../src/handling/retry-strategy.ts';
import { watch } from '../../src/watcher/watch.ts';
import { fill } from '../support/watcher/fill.ts';
import { asMarbles, withStore } from '../support/watcher/virtual-store.ts';

const full = { initialBackoff: 4, maxBackoff: 8, jitter: true, maxRetries: 3 } as const;

describe('full jitter, which makes retry delays random', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each<[RetryStrategyName, string]>([
    ['skip', '---------a'],
    ['stop', '---------#'],
  ])('jitter multiplies each retry delay of retryStrategy %s by a random factor', (retryStrategy, expected) =>
    withStore(({ store, cold, expectObservable, expectSubscriptions }) => {
      fill(store, 'Job');
      // The delays are 1/2 of 4, 3/4 of 8 and 1/8 of 8 milliseconds.
      const random = vi.spyOn(Math, 'random');
      for (const part of [0.5, 0.75, 0.125]) random.mockReturnValueOnce(part);
      const attempt = cold('#         ', {}, 'no');
      const subs = [
        '                   (^!)      ',
        '                   --(^!)    ',
        '                   --------(^!)',
        '                   ---------(^!)',
      ];
      const watched = watch(store, 'w', { ...full, retryStrategy, handler: () => attempt });

      expectObservable(watched.pipe(asMarbles)).toBe(expected, undefined, expect.anything());
      expectSubscriptions(attempt.subscriptions).toBe(subs);
    })(),
  );

  it('jitter draws each retry delay at random between 0 and the delay without jitter', () => {
    const starts: number[] = [];
    withStore(({ store, scheduler, cold, flush }) => {
      fill(store, ...Array.from({ length: 50 }, () => 'Job'));
      const handler = () => {
        starts.push(scheduler.now());
        return cold('#');
      };
      watch(store, 'w', { ...full, retryStrategy: 'skip', handler }).subscribe();
      flush();
    })();
    const delays = [1, 2, 3].map((retry) =>
      Array.from({ length: 50 }, (_, event) => {
        const at = 4 * event + retry;
        return (starts[at] as number) - (starts[at - 1] as number);
      }),
    );
    for (const [index, max] of [4, 8, 8].entries()) {
      const drawn = delays[index] as number[];
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...drawn)).toBeLessThan(max);
      // The chance that all 50 delays of one retry are in the same half of the range is 2^-49.
      expect(Math.min(...drawn)).toBeLessThan(max / 2);
      expect(Math.max(...drawn)).toBeGreaterThan(max / 2);
    }
  });
});
