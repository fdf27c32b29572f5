import { describe, expect, test } from 'vitest';
import {
  nextTrim,
  type RetentionPolicy,
  type RetentionState,
} from '../../../src/store/retention/retention-policy.ts';

const HOUR = 3_600_000;

/** State of a log of 100 events, at noon, without active readers. */
const log: RetentionState = {
  oldest: 101,
  latest: 200,
  bytes: 10_000,
  now: 12 * HOUR,
  firstWithinAge: 101,
  lowestCheckpoint: 200,
  lowWatermark: () => Number.POSITIVE_INFINITY,
  maxRecords: 1_000_000,
};
const byAge: RetentionPolicy = { gcAgeThreshold: HOUR, retention: {} };
const limited = (retention: RetentionPolicy['retention'], gcAgeThreshold = 0): RetentionPolicy => ({
  gcAgeThreshold,
  retention,
});

describe('the retention policy for deletion by age', () => {
  test('the retention policy requests the deletion of events that are older than gcAgeThreshold and passed by checkpoints and readers', () => {
    expect(nextTrim(byAge, log)).toMatchObject({
      maxSeqNum: 200,
      maxTimestamp: 11 * HOUR,
      respectCheckpoints: true,
      lowWatermark: log.lowWatermark,
    });
  });

  test('the retention policy requests no deletion by age if there is no checkpoint or the lowest checkpoint is below the oldest event', () => {
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: undefined })).toBeUndefined();
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 100 })).toBeUndefined();
  });

  test('the retention policy requests no deletion by age of an event after the lowest checkpoint', () => {
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 150 })).toMatchObject({ maxSeqNum: 150 });
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 999 })).toMatchObject({ maxSeqNum: 200 });
  });

  test('the retention policy requests no deletion if gcAgeThreshold is 0 and no hard limit is set', () => {
    expect(nextTrim(limited({}), log)).toBeUndefined();
  });

  test('the retention policy requests no deletion from an empty log', () => {
    expect(nextTrim(byAge, { ...log, oldest: 201 })).toBeUndefined();
  });

  test('the retention policy requests the deletion of at most as many records as the run can still delete', () => {
    expect(nextTrim(byAge, { ...log, maxRecords: 7 })).toMatchObject({ maxRecords: 7 });
    expect(nextTrim(byAge, { ...log, maxRecords: 0 })).toBeUndefined();
  });

  test('the retention policy requests the deletion of at most one slice of records', () => {
    const { maxRecords } = nextTrim(byAge, { ...log, maxRecords: Number.MAX_SAFE_INTEGER }) ?? {};

    expect(maxRecords).toBeGreaterThan(0);
    expect(maxRecords).toBeLessThanOrEqual(10_000);
  });
});

describe('the retention policy for deletion by hard limits', () => {
  test.each([
    ['exactly maxEvents', { maxEvents: 100 }, undefined],
    ['fewer events than maxEvents', { maxEvents: 1000 }, undefined],
    ['one event more than maxEvents', { maxEvents: 99 }, 101],
    ['90 events more than maxEvents', { maxEvents: 10 }, 190],
    ['a maxEvents of 0', { maxEvents: 0 }, 200],
    ['exactly maxBytes', { maxBytes: 10_000 }, undefined],
    ['one byte more than maxBytes', { maxBytes: 9999 }, 101],
    ['twice maxBytes', { maxBytes: 5000 }, 150],
    ['a maxBytes of 0', { maxBytes: 0 }, 200],
    ['more than both limits, of which maxBytes is stricter', { maxEvents: 90, maxBytes: 5000 }, 150],
    ['more than both limits, of which maxEvents is stricter', { maxEvents: 10, maxBytes: 9999 }, 190],
    ['no limit', {}, undefined],
  ])(
    'the retention policy requests the deletion of no more events than the limits require for a log with %s',
    (_name, retention, maxSeqNum) => {
      expect(nextTrim(limited(retention), log)?.maxSeqNum).toBe(maxSeqNum);
    },
  );

  test('the retention policy requests the deletion of events older than maxAge, or of more events if another limit is stricter', () => {
    const aged = { ...log, firstWithinAge: 121, lowestCheckpoint: undefined };

    expect(nextTrim(byAge, aged)).toMatchObject({ maxSeqNum: 120, respectCheckpoints: false });
    expect(nextTrim(limited({ maxEvents: 10 }), aged)).toMatchObject({ maxSeqNum: 190 });
  });

  test('the retention policy ignores checkpoints, readers and the age of events if a hard limit is exceeded', () => {
    const beyond = nextTrim(limited({ maxEvents: 10 }, HOUR), { ...log, lowWatermark: () => 0 });

    expect(beyond).toMatchObject({
      maxSeqNum: 190,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
    });
    expect(beyond?.lowWatermark).toBeUndefined();
  });

  test('deletion by hard limits takes precedence over deletion by age', () => {
    expect(nextTrim(limited({ maxEvents: 10 }, HOUR), log)).toMatchObject({ respectCheckpoints: false });
    expect(nextTrim(limited({ maxEvents: 100 }, HOUR), log)).toMatchObject({ respectCheckpoints: true });
  });
});
