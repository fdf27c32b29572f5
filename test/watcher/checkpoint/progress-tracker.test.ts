import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressTracker } from '../../../src/watcher/run/progress-tracker.ts';

describe('ProgressTracker, which computes the number up to which every event is processed (the ack floor)', () => {
  it('a ProgressTracker begins with the given ack floor, and without an event in flight', () => {
    expect(new ProgressTracker(7)).toMatchObject({ ackFloor: 7, size: 0 });
  });

  it('a ProgressTracker moves the ack floor only past events that are all settled', () => {
    const tracker = new ProgressTracker(0);
    for (const seqNum of [1, 2, 3, 4]) tracker.take(seqNum);
    const progress = [2, 4, 1, 3].map((seqNum) => {
      tracker.settle(seqNum);
      return { ackFloor: tracker.ackFloor, size: tracker.size };
    });
    expect(progress).toEqual([
      { ackFloor: 0, size: 3 },
      { ackFloor: 0, size: 2 },
      { ackFloor: 2, size: 1 },
      { ackFloor: 4, size: 0 },
    ]);
  });

  it('a ProgressTracker moves the ack floor past excluded events, but not past an event in flight', () => {
    const tracker = new ProgressTracker(2);
    tracker.take(5);
    expect(tracker.ackFloor).toBe(4);
    tracker.skipFiltered(9);
    expect(tracker.ackFloor).toBe(4);
    tracker.settle(5);
    expect(tracker.ackFloor).toBe(9);
    tracker.skipFiltered(6);
    expect(tracker.ackFloor).toBe(9);
  });

  it('a ProgressTracker ignores an event that is reported as settled and is not in flight', () => {
    const tracker = new ProgressTracker(0);
    tracker.take(1);
    tracker.settle(2);
    tracker.settle(1);
    tracker.settle(1);
    expect(tracker).toMatchObject({ ackFloor: 1, size: 0 });
  });

  it('a ProgressTracker has the same ack floor and number of events in flight as a simple model after each step', () => {
    const aStep = fc.oneof(
      fc.record({ kind: fc.constant('take' as const), gap: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('settle' as const), which: fc.nat(1000) }),
      fc.record({ kind: fc.constant('exclude' as const), gap: fc.integer({ min: 0, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.nat(5), fc.array(aStep, { maxLength: 60 }), (start, steps) => {
        const tracker = new ProgressTracker(start);
        let seen = start;
        let inFlight: number[] = [];
        for (const step of steps) {
          if (step.kind === 'take') {
            seen += step.gap;
            inFlight.push(seen);
            tracker.take(seen);
          } else if (step.kind === 'exclude') {
            seen += step.gap;
            tracker.skipFiltered(seen);
          } else if (inFlight.length > 0) {
            const seqNum = inFlight[step.which % inFlight.length] as number;
            inFlight = inFlight.filter((n) => n !== seqNum);
            tracker.settle(seqNum);
          }
          const oldest = Math.min(...inFlight);
          expect(tracker.ackFloor).toBe(inFlight.length === 0 ? seen : oldest - 1);
          expect(tracker.size).toBe(inFlight.length);
        }
      }),
    );
  });

  it.each([
    ['in order', (n: number) => n],
    ['in reverse order', (n: number) => 100_001 - n],
  ])(
    'a ProgressTracker computes the ack floor in constant time while 100,000 events in flight settle %s',
    (_name, nth) => {
      const tracker = new ProgressTracker(0);
      for (let n = 1; n <= 100_000; n++) tracker.take(n);
      const began = performance.now();
      let ackFloor = 0;
      for (let n = 1; n <= 100_000; n++) {
        tracker.settle(nth(n));
        ackFloor = tracker.ackFloor;
      }
      expect(ackFloor).toBe(100_000);
      // The tracker needs some milliseconds. A search through all events at each call would need several seconds.
      expect(performance.now() - began).toBeLessThan(1000);
    },
  );
});
