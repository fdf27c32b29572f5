import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  nextTrim,
  type RetentionPolicy,
  type RetentionState,
} from '../../../src/store/retention/retention-policy.ts';

const policy: fc.Arbitrary<RetentionPolicy> = fc.record({
  gcAgeThreshold: fc.nat(1000),
  retention: fc.record({ maxEvents: fc.nat(200), maxBytes: fc.nat(20_000) }, { requiredKeys: [] }),
});

const state: fc.Arbitrary<RetentionState> = fc
  .record({ oldest: fc.integer({ min: 1, max: 1000 }), count: fc.nat(300) })
  .chain(({ oldest, count }) =>
    fc.record({
      oldest: fc.constant(oldest),
      latest: fc.constant(oldest + count - 1),
      bytes: fc.nat(40_000),
      firstWithinAge: fc.integer({ min: oldest, max: oldest + count }),
      lowestCheckpoint: fc.option(fc.nat(1300), { nil: undefined }),
      now: fc.nat(5000),
      lowWatermark: fc.func(fc.nat(1300)),
      maxRecords: fc.nat(5000),
    }),
  );

const eachTrim = (check: (policy: RetentionPolicy, log: RetentionState) => void) =>
  fc.assert(fc.property(policy, state, check), { numRuns: 500 });

test('the retention policy deletes at least one record, and at most as many records as the run can still delete', () => {
  eachTrim((rules, log) => {
    const trim = nextTrim(rules, log);
    if (trim === undefined) return;

    expect(log.oldest).toBeLessThanOrEqual(log.latest);
    expect(trim.maxRecords).toBeGreaterThan(0);
    expect(trim.maxRecords).toBeLessThanOrEqual(log.maxRecords);
  });
});

test('the retention policy for hard limits keeps as many events as the limits permit, if all events have the same size', () => {
  eachTrim((rules, log) => {
    const trim = nextTrim(rules, log);
    if (trim === undefined || trim.respectCheckpoints) return;
    const { maxEvents = Number.POSITIVE_INFINITY, maxBytes = Number.POSITIVE_INFINITY } = rules.retention;
    const count = log.latest - log.oldest + 1;
    const kept = log.latest - trim.maxSeqNum;

    expect(trim.maxSeqNum).toBeGreaterThanOrEqual(log.oldest);
    expect(kept).toBeGreaterThanOrEqual(0);
    expect(kept).toBeLessThanOrEqual(maxEvents);
    expect((kept * log.bytes) / count).toBeLessThanOrEqual(maxBytes);
    const oneMore = kept + 1;
    const isTooOld = trim.maxSeqNum < log.firstWithinAge;
    expect(oneMore > maxEvents || (oneMore * log.bytes) / count > maxBytes || isTooOld).toBe(true);
  });
});

test('the retention policy within the hard limits deletes only old events that every checkpoint and every reader has passed', () => {
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

test('the retention policy deletes nothing from an empty log, or in a run that has already deleted its maximum number of records', () => {
  eachTrim((rules, log) => {
    expect(nextTrim(rules, { ...log, latest: log.oldest - 1 })).toBeUndefined();
    expect(nextTrim(rules, { ...log, maxRecords: 0 })).toBeUndefined();
  });
});

test('the retention policy deletes events from a log that exceeds maxEvents, if the run can still delete records', () => {
  eachTrim((rules, log) => {
    const count = log.latest - log.oldest + 1;
    const { maxEvents = count } = rules.retention;
    if (count <= maxEvents || log.maxRecords === 0) return;

    expect(nextTrim(rules, log)).toMatchObject({ respectCheckpoints: false });
  });
});
