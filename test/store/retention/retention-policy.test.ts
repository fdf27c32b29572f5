import { describe, expect, test } from 'vitest';
import {
  type LogExtent,
  nextTrim,
  type RetentionPolicy,
} from '../../../src/store/retention/retention-policy.ts';

const HOUR = 3_600_000;

/** A hundred events, at noon of some day; nobody reads them. */
const log: LogExtent = {
  oldest: 101,
  latest: 200,
  bytes: 10_000,
  now: 12 * HOUR,
  firstWithinAge: 101,
  lowestCheckpoint: 200,
  lowWatermark: () => Number.POSITIVE_INFINITY,
  left: 1_000_000,
};
const byAge: RetentionPolicy = { gcAgeThreshold: HOUR, retention: {} };
const capped = (retention: RetentionPolicy['retention'], gcAgeThreshold = 0): RetentionPolicy => ({
  gcAgeThreshold,
  retention,
});

describe('what goes by its age', () => {
  test('is whatever was appended a threshold ago, unless a checkpoint or a watcher holds it', () => {
    expect(nextTrim(byAge, log)).toMatchObject({
      maxSeqNum: 200,
      maxTimestamp: 11 * HOUR,
      respectCheckpoints: true,
      lowWatermark: log.lowWatermark,
    });
  });

  test('is nothing if there is no checkpoint, or the lowest one has passed nothing that is held', () => {
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: undefined })).toBeUndefined();
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 100 })).toBeUndefined();
  });

  test('is no more than the lowest checkpoint has passed', () => {
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 150 })).toMatchObject({ maxSeqNum: 150 });
    expect(nextTrim(byAge, { ...log, lowestCheckpoint: 999 })).toMatchObject({ maxSeqNum: 200 });
  });

  test('is nothing if the threshold is 0', () => {
    expect(nextTrim(capped({}), log)).toBeUndefined();
  });

  test('is nothing if there is nothing', () => {
    expect(nextTrim(byAge, { ...log, oldest: 201 })).toBeUndefined();
  });

  test('is no more than the run may still let go of', () => {
    expect(nextTrim(byAge, { ...log, left: 7 })).toMatchObject({ maxRecords: 7 });
    expect(nextTrim(byAge, { ...log, left: 0 })).toBeUndefined();
  });

  test('is taken in slices, however much the run may let go of', () => {
    const { maxRecords } = nextTrim(byAge, { ...log, left: Number.MAX_SAFE_INTEGER }) ?? {};

    expect(maxRecords).toBeGreaterThan(0);
    expect(maxRecords).toBeLessThanOrEqual(10_000);
  });
});

describe('what goes beyond a cap', () => {
  test.each([
    ['no event too many', { maxEvents: 100 }, undefined],
    ['room for more events', { maxEvents: 1000 }, undefined],
    ['one event too many', { maxEvents: 99 }, 101],
    ['many events too many', { maxEvents: 10 }, 190],
    ['no event at all', { maxEvents: 0 }, 200],
    ['just enough bytes', { maxBytes: 10_000 }, undefined],
    ['a byte too many', { maxBytes: 9999 }, 101],
    ['half of the bytes', { maxBytes: 5000 }, 150],
    ['no byte at all', { maxBytes: 0 }, 200],
    ['both, of which bytes are the harder', { maxEvents: 90, maxBytes: 5000 }, 150],
    ['both, of which events are the harder', { maxEvents: 10, maxBytes: 9999 }, 190],
    ['neither', {}, undefined],
  ])('%s', (_name, retention, maxSeqNum) => {
    expect(nextTrim(capped(retention), log)?.maxSeqNum).toBe(maxSeqNum);
  });

  test('of age is what lies before the first event within it, unless another cap is harder', () => {
    const aged = { ...log, firstWithinAge: 121, lowestCheckpoint: undefined };

    expect(nextTrim(byAge, aged)).toMatchObject({ maxSeqNum: 120, respectCheckpoints: false });
    expect(nextTrim(capped({ maxEvents: 10 }), aged)).toMatchObject({ maxSeqNum: 190 });
  });

  test('goes whatever its age is, and whoever still needs it', () => {
    const beyond = nextTrim(capped({ maxEvents: 10 }, HOUR), { ...log, lowWatermark: () => 0 });

    expect(beyond).toMatchObject({
      maxSeqNum: 190,
      maxTimestamp: Number.POSITIVE_INFINITY,
      respectCheckpoints: false,
    });
    expect(beyond?.lowWatermark).toBeUndefined();
  });

  test('goes before what is old', () => {
    expect(nextTrim(capped({ maxEvents: 10 }, HOUR), log)).toMatchObject({ respectCheckpoints: false });
    expect(nextTrim(capped({ maxEvents: 100 }, HOUR), log)).toMatchObject({ respectCheckpoints: true });
  });
});
