import { describe, expect, it } from 'vitest';
import { createHistory, createRateMeter } from '../../../src/inspector/page/data/history.ts';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDuration,
  formatNoun,
  formatRate,
} from '../../../src/inspector/page/format/format.ts';
import { compareBy } from '../../../src/inspector/page/views/watcher-columns.ts';

describe('figures of the inspector', () => {
  it.each([
    [0, '0 s'],
    [350, '350 ms'],
    [4290, '4.2 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [7_500_000, '2 h 5 min'],
    [187_200_000, '2 d 4 h'],
    [86_400_000 * 1200, '1,200 d'],
    [undefined, '–'],
  ])('the page of the inspector formats %s milliseconds as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [999, '999 B'],
    [1240, '1.24 kB'],
    [20_300_000, '20.3 MB'],
    [undefined, '–'],
  ])('the page of the inspector formats a size of %s as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('the page of the inspector never shows a rate of 0 for a log that grows slowly', () => {
    expect([0, 0.02, 0.44, 9.96, 1204.4].map(formatRate)).toEqual(['0', '< 0.1', '0.4', '10.0', '1,204']);
  });

  it('the page of the inspector formats counts with separators, and nouns in singular and plural', () => {
    expect([formatCount(1_234_567), formatNoun(1, 'event'), formatNoun(1200, 'event')]).toEqual([
      '1,234,567',
      '1 event',
      '1,200 events',
    ]);
  });

  it('the page of the inspector formats the time since a moment, even if a clock is ahead', () => {
    const now = 1_000_000_000;
    expect([0, 12_000, 90_000, -2000, -60_000].map((age) => formatAgo(now - age, now))).toEqual([
      'now',
      '12 s ago',
      '1 min ago',
      'now',
      'in 1 min',
    ]);
  });

  it('the page of the inspector sorts watchers without a value after all other watchers, in both directions', () => {
    const row = (id: string, lag?: number) =>
      ({
        id,
        state: 'running',
        stale: false,
        local: false,
        actions: [],
        ...(lag !== undefined && { lag }),
      }) as const;
    const rows = [row('a', 5), row('b'), row('c', 7)];
    const idsBy = (isDescending: boolean) =>
      [...rows].sort(compareBy('lag', isDescending)).map(({ id }) => id);
    expect([idsBy(false), idsBy(true)]).toEqual([
      ['a', 'c', 'b'],
      ['c', 'a', 'b'],
    ]);
  });
});

describe('series of the inspector', () => {
  it('a series keeps its first and its last sample after more samples than it can hold', () => {
    const history = createHistory(100);
    for (let second = 1; second <= 1000; second += 1) history.add(second * 1000, second);
    const { times, values } = history.series();
    expect(times.length).toBeLessThanOrEqual(100);
    expect([times[0], times.at(-1), values.at(-1)]).toEqual([1, 1000, 1000]);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('a series replaces its last sample by a sample of the same time', () => {
    const history = createHistory();
    history.add(1000, 1);
    history.add(1000, 2);
    history.add(2000, undefined);
    expect(history.series()).toEqual({ times: [1, 2], values: [2, null] });
  });

  it('the rate meter computes the rate of the last ten seconds', () => {
    const meter = createRateMeter();
    expect(meter.add(0, 100)).toBeUndefined();
    expect(meter.add(2000, 300)).toBe(100);
    for (let time = 3000; time <= 20_000; time += 1000) meter.add(time, 300);
    expect(meter.add(21_000, 300)).toBe(0);
  });

  it('the rate meter discards its measurements when the log is replaced by a shorter log', () => {
    const meter = createRateMeter();
    meter.add(0, 1000);
    expect(meter.add(2000, 5)).toBeUndefined();
    expect(meter.add(4000, 9)).toBe(2);
  });
});
