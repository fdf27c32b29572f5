/** Records let go of in one transaction: few enough to hold up neither the event loop nor a writer. */
const SLICE = 2000;

/** What may be let go of: the oldest records up to whichever bound is met first. */
export interface TrimRequest {
  /** None after this number. */
  readonly upTo: number;
  /** None that was appended after this time, in milliseconds since 1970; `Infinity` for any time. */
  readonly notAfter: number;
  /** Whether a checkpoint holds what comes after it. */
  readonly heedCheckpoints: boolean;
  /**
   * Tells the last number that no running watcher of this process has still to read; none after it. Asked at the moment
   * of the deletion, for a watcher may begin at any time before. Default: there is no such watcher.
   */
  readonly released?: () => number;
  /** No more than this many. */
  readonly maxRecords: number;
}

/** A hard cap on a log, which no watcher can hold up. */
export interface Retention {
  /** The most events to keep. */
  readonly maxEvents?: number | undefined;
  /** The most room, in bytes, that the events may take in the engine. */
  readonly maxBytes?: number | undefined;
}

/** What is to be kept. */
export interface RetentionPolicy {
  /** Events younger than this, in milliseconds; 0 keeps them all. */
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
  /** Tells the last number that no running watcher of this process has still to read. */
  readonly released: () => number;
  /** How many records the run may still let go of. */
  readonly left: number;
}

/** How many of the oldest events go beyond a cap. */
function excess({ maxEvents, maxBytes }: Retention, { oldest, latest, bytes }: LogExtent): number {
  const held = latest - oldest + 1;
  const tooMany = maxEvents === undefined ? 0 : held - maxEvents;
  const tooLarge =
    maxBytes === undefined || bytes <= maxBytes ? 0 : Math.ceil((held * (bytes - maxBytes)) / bytes);
  return Math.max(0, tooMany, tooLarge);
}

/**
 * What to let go of next: first what goes beyond a cap, whoever still needs it; then what is old and needed by nobody.
 *
 * @returns `undefined` if nothing is to go.
 */
export function nextTrim(
  { gcAgeThreshold, retention }: RetentionPolicy,
  log: LogExtent,
): TrimRequest | undefined {
  const maxRecords = Math.min(SLICE, log.left);
  if (maxRecords === 0 || log.oldest > log.latest) return undefined;
  const beyond = excess(retention, log);
  if (beyond > 0) {
    const upTo = log.oldest - 1 + beyond;
    return { upTo, notAfter: Number.POSITIVE_INFINITY, heedCheckpoints: false, maxRecords };
  }
  if (gcAgeThreshold === 0) return undefined;
  const { released } = log;
  return {
    upTo: log.latest,
    notAfter: log.now - gcAgeThreshold,
    heedCheckpoints: true,
    released,
    maxRecords,
  };
}
