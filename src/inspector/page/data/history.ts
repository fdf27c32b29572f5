/** Series of samples over time, which a chart can draw. */
export interface Series {
  /** Times in seconds since 1970, ascending. */
  readonly times: readonly number[];
  /** Values at these times; `null` where the value was not known. */
  readonly values: readonly (number | null)[];
}

/**
 * Maximum number of samples. When a series exceeds it, every second sample is removed, so that the series still covers the
 * whole time since the first sample.
 */
const MAX_SAMPLES = 1200;

/** Series that grows while the page is open. */
export interface History {
  /** Adds a sample. If the new sample is not later than the last one, it replaces the last one. */
  add(timeMs: number, value: number | undefined): void;
  series(): Series;
}

export function createHistory(maxSamples = MAX_SAMPLES): History {
  let times: number[] = [];
  let values: (number | null)[] = [];
  return {
    add(timeMs, value) {
      const time = timeMs / 1000;
      if (time <= (times.at(-1) ?? 0)) {
        values[values.length - 1] = value ?? null;
        return;
      }
      times.push(time);
      values.push(value ?? null);
      if (times.length <= maxSamples) return;
      // The last sample is kept, because it is the current value.
      const isKept = (_: unknown, index: number) => index % 2 === 0 || index === times.length - 1;
      values = values.filter(isKept);
      times = times.filter(isKept);
    },
    series: () => ({ times, values }),
  };
}

/** Last sequence number of the log at a point in time. */
interface Mark {
  readonly time: number;
  readonly seqNum: number;
}

/** Shortest time over which a rate is computed, in milliseconds. */
const MIN_RATE_TIME = 1500;

/** Longest time over which a rate is computed, in milliseconds. */
const RATE_TIME = 10_000;

/** Rate of appends, computed from the last sequence numbers of successive snapshots. */
export interface RateMeter {
  /** Adds a snapshot and returns the events per second of the last ten seconds; `undefined` until enough time has passed. */
  add(time: number, seqNum: number): number | undefined;
}

export function createRateMeter(): RateMeter {
  let marks: Mark[] = [];
  return {
    add(time, seqNum) {
      const last = marks.at(-1);
      // The measurement begins again if the log was replaced, or if a clock was set back.
      if (last && (seqNum < last.seqNum || time < last.time)) marks = [];
      marks.push({ time, seqNum });
      // One older mark is kept, so that the marks cover the whole time of the rate.
      while (marks.length > 2 && (marks[1]?.time ?? time) <= time - RATE_TIME) marks.shift();
      const first = marks[0];
      if (!first || time - first.time < MIN_RATE_TIME) return undefined;
      return ((seqNum - first.seqNum) * 1000) / (time - first.time);
    },
  };
}
