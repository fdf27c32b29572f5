import type { TrimRequest } from '../../engine/contract/event-log.ts';

/**
 * Returns the lowest of the numbers, at most `bound`. Uses a loop, because `Math.min(...numbers)` overflows the stack with
 * about 130 000 numbers.
 */
export function lowestOf(numbers: Iterable<number>, bound = Number.POSITIVE_INFINITY): number {
  let lowest = bound;
  for (const number of numbers) if (number < lowest) lowest = number;
  return lowest;
}

/** Maximum number of records deleted in one transaction. This limits the time for which writers and the event loop wait. */
const SLICE = 2000;

/** Hard limits of a log. Events beyond a limit are deleted even if a watcher has not processed them. */
export interface Retention {
  /** Maximum age of an event, in milliseconds. Default: no limit. */
  readonly maxAge?: number | undefined;
  /** Maximum number of events. Default: no limit. */
  readonly maxEvents?: number | undefined;
  /** Maximum size of the events in the engine, in bytes, compared with `bytes` of `store.info()`. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

/** Store options that decide which events are deleted. */
export interface RetentionPolicy {
  /**
   * Minimum age, in milliseconds, of an event that is deleted because every checkpoint has passed it; 0 disables deletion by
   * age.
   */
  readonly gcAgeThreshold: number;
  /** Hard limits, which apply even to events that a watcher has not processed. */
  readonly retention: Retention;
}

/** State of a log and of a run of garbage collection, from which the next deletion is computed. */
export interface RetentionState {
  /** Oldest sequence number of the log. */
  readonly oldest: number;
  /** Highest sequence number that the log has assigned. */
  readonly latest: number;
  /** Size of the records, in bytes. */
  readonly bytes: number;
  /** Current time, in milliseconds since 1970. */
  readonly now: number;
  /**
   * Number of the first event that is not older than `retention.maxAge`. Without `maxAge`, a number that is not higher than
   * `oldest`, so that no event counts as too old.
   */
  readonly firstWithinAge: number;
  /** Lowest checkpoint; `undefined` if there is no checkpoint. No event is then deleted by `gcAgeThreshold`. */
  readonly lowestCheckpoint: number | undefined;
  /** Returns the lowest position of the active readers of this process. */
  readonly lowWatermark: () => number;
  /** Maximum number of records that the run can still delete. */
  readonly maxRecords: number;
}

/** Returns the number of oldest events that exceed a hard limit. For `maxBytes`, assumes that all events have equal sizes. */
function excess(
  { maxEvents, maxBytes }: Retention,
  { oldest, latest, bytes, firstWithinAge }: RetentionState,
): number {
  const count = latest - oldest + 1;
  const tooMany = maxEvents === undefined ? 0 : count - maxEvents;
  const tooLarge =
    maxBytes === undefined || bytes <= maxBytes ? 0 : Math.ceil((count * (bytes - maxBytes)) / bytes);
  return Math.max(0, tooMany, tooLarge, firstWithinAge - oldest);
}

/**
 * Returns the next deletion: first the events beyond a hard limit, then the old events that every checkpoint has passed.
 *
 * @returns `undefined` if there is nothing to delete.
 */
export function nextTrim(
  { gcAgeThreshold, retention }: RetentionPolicy,
  log: RetentionState,
): TrimRequest | undefined {
  const maxRecords = Math.min(SLICE, log.maxRecords);
  if (maxRecords === 0 || log.oldest > log.latest) return undefined;
  const beyond = excess(retention, log);
  if (beyond > 0) {
    const maxSeqNum = log.oldest - 1 + beyond;
    return { maxSeqNum, maxTimestamp: Number.POSITIVE_INFINITY, respectCheckpoints: false, maxRecords };
  }
  const { lowWatermark, lowestCheckpoint } = log;
  if (gcAgeThreshold === 0 || lowestCheckpoint === undefined || lowestCheckpoint < log.oldest)
    return undefined;
  return {
    maxSeqNum: Math.min(log.latest, lowestCheckpoint),
    maxTimestamp: log.now - gcAgeThreshold,
    respectCheckpoints: true,
    lowWatermark,
    maxRecords,
  };
}
