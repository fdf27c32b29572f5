/** How long to wait between attempts. */
export interface BackoffOptions {
  /** Delay before the first retry, in milliseconds. Default 200. */
  readonly initialBackoff?: number | undefined;
  /** Cap on any one delay, in milliseconds. Default 180 000. */
  readonly maxBackoff?: number | undefined;
  /** Whether to draw each delay at random between 0 and what it would be, so that many do not retry together. Default false. */
  readonly jitter?: boolean | undefined;
}

/** What a retry waits unless it is told otherwise. */
export const BACKOFF_DEFAULTS = { initialBackoff: 200, maxBackoff: 180_000, jitter: false } as const;

/**
 * The delay before a retry, in milliseconds: doubled each time, up to the cap.
 *
 * @param retry - Which retry, from 1.
 */
export function backoff(retry: number, options: BackoffOptions = {}): number {
  const {
    initialBackoff = BACKOFF_DEFAULTS.initialBackoff,
    maxBackoff = BACKOFF_DEFAULTS.maxBackoff,
    jitter = BACKOFF_DEFAULTS.jitter,
  } = options;
  const delay = Math.min(initialBackoff * Math.min(2 ** (retry - 1), Number.MAX_SAFE_INTEGER), maxBackoff);
  return jitter ? Math.random() * delay : delay;
}
