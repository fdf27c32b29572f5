import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACKOFF_DEFAULTS, type BackoffOptions, backoff } from '../../src/scheduling/backoff.ts';

const options = fc.record(
  {
    initialBackoff: fc.oneof(fc.nat(), fc.double({ min: 0.001, max: 1e9, noNaN: true })),
    maxBackoff: fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e12, noNaN: true })),
  },
  { requiredKeys: [] },
);
const retry = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 1_000_000 }));

const capOf = ({ maxBackoff = BACKOFF_DEFAULTS.maxBackoff }: BackoffOptions) => maxBackoff;
const firstOf = ({ initialBackoff = BACKOFF_DEFAULTS.initialBackoff }: BackoffOptions) => initialBackoff;

describe('the function backoff', () => {
  it.each<[string, (given: BackoffOptions, retry: number) => boolean]>([
    ['returns a finite delay', (given, n) => Number.isFinite(backoff(n, given))],
    ['returns a delay of at least 0', (given, n) => backoff(n, given) >= 0],
    ['returns a delay of at most maxBackoff', (given, n) => backoff(n, given) <= capOf(given)],
    [
      'never returns a shorter delay for a later retry',
      (given, n) => backoff(n + 1, given) >= backoff(n, given),
    ],
    ['starts at initialBackoff', (given) => backoff(1, given) === Math.min(firstOf(given), capOf(given))],
    ['at most doubles the previous delay', (given, n) => backoff(n + 1, given) <= 2 * backoff(n, given)],
    [
      'doubles the delay up to maxBackoff',
      (given, n) => backoff(n + 1, given) === Math.min(2 * backoff(n, given), capOf(given)),
    ],
    [
      'always returns 0 if initialBackoff is 0',
      (given, n) => backoff(n, { ...given, initialBackoff: 0 }) === 0,
    ],
    [
      'returns a delay between 0 and the computed delay with jitter',
      (given, n) => {
        const drawn = backoff(n, { ...given, jitter: true });
        return drawn >= 0 && drawn <= backoff(n, given);
      },
    ],
  ])('the function backoff %s', (_name, holds) => {
    fc.assert(
      fc.property(options, retry, (given, n) => holds(given, n)),
      { examples: [[{ initialBackoff: 0 }, 1100]] },
    );
  });

  it('the function backoff starts at 200 ms and is limited to 180 s (three minutes) by default', () => {
    const delays = [1, 2, 3, 4, 10, 11, 1000].map((n) => backoff(n));
    expect(delays).toEqual([200, 400, 800, 1600, 102_400, 180_000, 180_000]);
  });

  it('the function backoff treats an undefined option as missing', () => {
    expect(backoff(11, { initialBackoff: undefined, maxBackoff: undefined, jitter: undefined })).toBe(
      180_000,
    );
  });

  it('the function backoff returns a random delay from 0 to the computed delay at each call with jitter', () => {
    const drawn = Array.from({ length: 1000 }, () => backoff(1, { initialBackoff: 1000, jitter: true }));
    expect(new Set(drawn).size).toBeGreaterThan(900);
    expect(Math.min(...drawn)).toBeLessThan(500);
    expect(Math.max(...drawn)).toBeGreaterThan(500);
  });
});
