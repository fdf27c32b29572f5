import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type LogExtent,
  nextTrim,
  type RetentionPolicy,
} from '../../../src/store/retention/retention-policy.ts';

const policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  gcAgeThreshold: fc.nat(1000),
  retention: fc.record({ maxEvents: fc.nat(200), maxBytes: fc.nat(20_000) }, { requiredKeys: [] }),
});

const extent: fc.Arbitrary<LogExtent> = fc
  .record({ oldest: fc.integer({ min: 1, max: 1000 }), held: fc.nat(300) })
  .chain(({ oldest, held }) =>
    fc.record({
      oldest: fc.constant(oldest),
      latest: fc.constant(oldest + held - 1),
      bytes: fc.nat(40_000),
      firstWithinAge: fc.integer({ min: oldest, max: oldest + held }),
      lowestCheckpoint: fc.option(fc.nat(1300), { nil: undefined }),
      now: fc.nat(5000),
      lowWatermark: fc.func(fc.nat(1300)),
      left: fc.nat(5000),
    }),
  );

const eachTrim = (check: (policy: RetentionPolicy, log: LogExtent) => void) =>
  fc.assert(fc.property(policy, extent, check), { numRuns: 500 });

test('what is asked for is something, and within what the run may let go of', () => {
  eachTrim((rules, log) => {
    const trim = nextTrim(rules, log);
    if (trim === undefined) return;

    expect(log.oldest).toBeLessThanOrEqual(log.latest);
    expect(trim.maxRecords).toBeGreaterThan(0);
    expect(trim.maxRecords).toBeLessThanOrEqual(log.left);
  });
});

test('what goes by force leaves exactly as many events as the caps have room for, if all are of one size', () => {
  eachTrim((rules, log) => {
    const trim = nextTrim(rules, log);
    if (trim === undefined || trim.respectCheckpoints) return;
    const { maxEvents = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = rules.retention;
    const held = log.latest - log.oldest + 1;
    const left = log.latest - trim.maxSeqNum;

    expect(trim.maxSeqNum).toBeGreaterThanOrEqual(log.oldest);
    expect(left).toBeGreaterThanOrEqual(0);
    expect(left).toBeLessThanOrEqual(maxEvents);
    expect((left * log.bytes) / held).toBeLessThanOrEqual(maxBytes);
    const oneMore = left + 1;
    const isTooOld = trim.maxSeqNum < log.firstWithinAge;
    expect(oneMore > maxEvents || (oneMore * log.bytes) / held > maxBytes || isTooOld).toBe(true);
  });
});

test('within the caps nothing goes that is young, or that somebody here has still to read', () => {
  eachTrim((rules, log) => {
    const { maxEvents = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = rules.retention;
    if (log.latest - log.oldest + 1 > maxEvents || log.bytes > maxBytes) return;
    if (log.firstWithinAge > log.oldest) return;
    const trim = nextTrim(rules, log);
    if (trim === undefined) return;

    expect(rules.gcAgeThreshold).toBeGreaterThan(0);
    expect(trim).toMatchObject({ respectCheckpoints: true, maxTimestamp: log.now - rules.gcAgeThreshold });
    expect(trim.lowWatermark).toBe(log.lowWatermark);
    expect(trim.maxSeqNum).toBeLessThanOrEqual(log.lowestCheckpoint ?? 0);
  });
});

test('a log that is empty, or a run that has done its share, is left alone', () => {
  eachTrim((rules, log) => {
    expect(nextTrim(rules, { ...log, latest: log.oldest - 1 })).toBeUndefined();
    expect(nextTrim(rules, { ...log, left: 0 })).toBeUndefined();
  });
});

test('a log beyond a cap is never left alone', () => {
  eachTrim((rules, log) => {
    const held = log.latest - log.oldest + 1;
    const { maxEvents = held } = rules.retention;
    if (held <= maxEvents || log.left === 0) return;

    expect(nextTrim(rules, log)).toMatchObject({ respectCheckpoints: false });
  });
});
