/** Options of the delay between attempts. */
export interface BackoffOptions {
  /**
   * Delay before the first retry, in milliseconds.
   *
   * @defaultValue 200
   */
  readonly initialBackoff?: number | undefined;
  /**
   * Maximum delay before a retry, in milliseconds.
   *
   * @defaultValue 180000
   */
  readonly maxBackoff?: number | undefined;
  /**
   * Whether each delay is a random time between 0 and the computed delay. Random delays prevent many watchers from retrying
   * at the same moment.
   *
   * @defaultValue false
   */
  readonly jitter?: boolean | undefined;
}

export const BACKOFF_DEFAULTS = { initialBackoff: 200, maxBackoff: 180_000, jitter: false } as const;

/**
 * Returns the delay before a retry, in milliseconds. The delay doubles with each retry, up to `maxBackoff`.
 *
 * @param retry - Number of the retry, from 1.
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
