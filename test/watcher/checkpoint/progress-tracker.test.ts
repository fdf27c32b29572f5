import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressTracker } from '../../../src/watcher/run/progress-tracker.ts';

const at = (seqNum: number) => new Date(seqNum * 1000);

describe('the prefix of what is done', () => {
  it('begins where it is told to, with nothing under way', () => {
    expect(new ProgressTracker(7)).toMatchObject({ ackFloor: 7, size: 0, oldestTime: undefined });
  });

  it('moves only over an unbroken run', () => {
    const prefix = new ProgressTracker(0);
    for (const seqNum of [1, 2, 3, 4]) prefix.take(seqNum, at(seqNum));
    const told = [2, 4, 1, 3].map((seqNum) => {
      prefix.settle(seqNum);
      return { through: prefix.ackFloor, size: prefix.size, oldest: prefix.oldestTime?.getTime() };
    });
    expect(told).toEqual([
      { through: 0, size: 3, oldest: 1000 },
      { through: 0, size: 2, oldest: 1000 },
      { through: 2, size: 1, oldest: 3000 },
      { through: 4, size: 0, oldest: undefined },
    ]);
  });

  it('counts what was left out, but not past what is under way', () => {
    const prefix = new ProgressTracker(2);
    prefix.take(5);
    expect(prefix.ackFloor).toBe(4);
    prefix.skipFiltered(9);
    expect(prefix.ackFloor).toBe(4);
    prefix.settle(5);
    expect(prefix.ackFloor).toBe(9);
    prefix.skipFiltered(6);
    expect(prefix.ackFloor).toBe(9);
  });

  it('does not care for what it does not know', () => {
    const prefix = new ProgressTracker(0);
    prefix.take(1);
    prefix.settle(2);
    prefix.settle(1);
    prefix.settle(1);
    expect(prefix).toMatchObject({ ackFloor: 1, size: 0 });
  });

  it('is at any time what a naive model says', () => {
    const aStep = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), gap: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('settle' as const), which: fc.nat(1000) }),
      fc.record({ kind: fc.constant('pass' as const), gap: fc.integer({ min: 0, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.nat(5), fc.array(aStep, { maxLength: 60 }), (start, steps) => {
        const prefix = new ProgressTracker(start);
        let seen = start;
        let underWay: number[] = [];
        for (const step of steps) {
          if (step.kind === 'take') {
            seen += step.gap;
            underWay.push(seen);
            prefix.take(seen, at(seen));
          } else if (step.kind === 'pass') {
            seen += step.gap;
            prefix.skipFiltered(seen);
          } else if (underWay.length > 0) {
            const seqNum = underWay[step.which % underWay.length] as number;
            underWay = underWay.filter((n) => n !== seqNum);
            prefix.settle(seqNum);
          }
          const oldest = Math.min(...underWay);
          expect(prefix.ackFloor).toBe(underWay.length === 0 ? seen : oldest - 1);
          expect(prefix.size).toBe(underWay.length);
          expect(prefix.oldestTime).toEqual(underWay.length === 0 ? undefined : at(oldest));
        }
      }),
    );
  });

  it.each([
    ['in order', (n: number) => n],
    ['backwards', (n: number) => 100_001 - n],
  ])('is told at any time in a moment, though a hundred thousand are under way that end %s', (_name, nth) => {
    const prefix = new ProgressTracker(0);
    for (let n = 1; n <= 100_000; n++) prefix.take(n);
    const began = performance.now();
    let told = 0;
    for (let n = 1; n <= 100_000; n++) {
      prefix.settle(nth(n));
      told = prefix.ackFloor;
    }
    expect(told).toBe(100_000);
    // Some milliseconds; with a search from the beginning each time, several seconds.
    expect(performance.now() - began).toBeLessThan(1000);
  });
});
