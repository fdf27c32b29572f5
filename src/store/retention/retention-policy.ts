import type { TrimRequest } from '../../engine/contract/event-log.ts';

/**
 * Returns the lowest of some numbers and a bound. A loop: a spread into the arguments of `Math.min` overflows the stack at
 * about 130 000 numbers.
 */
export function lowestOf(numbers: Iterable<number>, bound = Number.POSITIVE_INFINITY): number {
  let lowest = bound;
  for (const number of numbers) if (number < lowest) lowest = number;
  return lowest;
}

/** Records let go of in one transaction: few enough to hold up neither the event loop nor a writer. */
const SLICE = 2000;

/** Hard limits of a log. Events beyond a limit are deleted even if a watcher has not handled them. */
export interface Retention {
  /** Maximum age of an event, in milliseconds. Default: no limit. */
  readonly maxAge?: number | undefined;
  /** The most events to keep. */
  readonly maxEvents?: number | undefined;
  /** The most room, in bytes, that the events may take in the engine. */
  readonly maxBytes?: number | undefined;
}

/** What is to be kept. */
export interface RetentionPolicy {
  /** Age, in milliseconds, from which an event that every checkpoint has passed is deleted; 0 keeps all events. */
  readonly gcAgeThreshold: number;
  /** The hard caps. */
  readonly retention: Retention;
}

/** A log at one moment. */
export interface LogExtent {
  /** The oldest number held. */
  readonly oldest: number;
  /** The highest number given. */
  readonly latest: number;
  /** The room that the records take. */
  readonly bytes: number;
  /** The clock, in milliseconds since 1970. */
  readonly now: number;
  /** The first number whose event is within `retention.maxAge`; `oldest` without that limit. */
  readonly firstWithinAge: number;
  /** The lowest checkpoint; `undefined` if there is no checkpoint, and then no event is deleted by `gcAgeThreshold`. */
  readonly lowestCheckpoint: number | undefined;
  /** Tells the last number that no running watcher of this process has still to read. */
  readonly lowWatermark: () => number;
  /** How many records the run may still let go of. */
  readonly left: number;
}

/** How many of the oldest events go beyond a cap. */
function excess(
  { maxEvents, maxBytes }: Retention,
  { oldest, latest, bytes, firstWithinAge }: LogExtent,
): number {
  const held = latest - oldest + 1;
  const tooMany = maxEvents === undefined ? 0 : held - maxEvents;
  const tooLarge =
    maxBytes === undefined || bytes <= maxBytes ? 0 : Math.ceil((held * (bytes - maxBytes)) / bytes);
  return Math.max(0, tooMany, tooLarge, firstWithinAge - oldest);
}

/**
 * Returns the next deletion: first the events beyond a hard limit, then the old events that every checkpoint has passed.
 *
 * @returns `undefined` if there is nothing to delete.
 */
export function nextTrim(
  { gcAgeThreshold, retention }: RetentionPolicy,
  log: LogExtent,
): TrimRequest | undefined {
  const maxRecords = Math.min(SLICE, log.left);
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
