import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  retry,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { type BackoffOptions, backoff } from '../retry/backoff.ts';

/** When and how often to try again. */
export interface RetryWithBackoffOptions extends BackoffOptions {
  /** Retries after the first attempt; 0 is one attempt. Default `Infinity`. */
  readonly maxRetries?: number | undefined;
  /** Whether an error is worth a retry. Default: each is. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /** What the delays run on. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/**
 * Resubscribes to a failed source after a delay that doubles, up to a cap.
 *
 * Made for the inner Observable of one event: each subscription counts its retries, and starts its delays, afresh.
 *
 * @param options.initialBackoff - Delay before the first retry, in milliseconds. Default 200.
 * @param options.maxBackoff - Cap on any one delay, in milliseconds. Default 180 000.
 * @param options.maxRetries - Retries after the first attempt; 0 is one attempt. Default `Infinity`.
 * @param options.jitter - Whether to draw each delay at random between 0 and what it would be. Default false.
 * @param options.retryIf - Whether an error is worth a retry. Default: each is.
 * @returns An operator that errors with the source's last error once the retries are used up, or with one not worth a retry.
 * @example
 * defer(() => deliver(event)).pipe(retryWithBackoff({ maxRetries: 3 }))
 */
export function retryWithBackoff<T>(options: RetryWithBackoffOptions = {}): MonoTypeOperatorFunction<T> {
  const { maxRetries = Number.POSITIVE_INFINITY, retryIf = () => true, scheduler = asyncScheduler } = options;
  return retry({
    count: maxRetries,
    delay: (error, count) =>
      retryIf(error) ? timer(backoff(count, options), scheduler) : throwError(() => error),
  });
}
