import { catchError, EMPTY, type Observable, type SchedulerLike } from 'rxjs';
import type { Event } from '../event/event.ts';
import { type RetryWithBackoffOptions, resubscribe } from '../operators/retry-with-backoff.ts';

/** Second argument of a custom retry strategy. */
export interface RetryContext<E extends Event = Event> {
  /** Id of the watcher, or the option `watcherId` of `handleWith`. */
  readonly watcherId: string;
  /** Sequence number of the event, or of the first event of the batch. */
  readonly seqNum: number;
  /** Event that is handled; missing if it could not be decoded. */
  readonly event?: E;
  /** Scheduler on which the strategy must run its delays. */
  readonly scheduler: SchedulerLike;
}

/**
 * Decides what happens after a failed attempt.
 *
 * The first argument is a cold Observable. Each subscription calls the handler once. The Observable completes if the handler
 * succeeds, and errors if the handler fails.
 *
 * The watcher continues when the returned Observable completes. The event is handled if the last attempt succeeded;
 * otherwise it is skipped. If the returned Observable errors, the watcher fails. Values of the returned Observable are
 * ignored.
 *
 * @example
 * const thrice: RetryStrategy = (attempt) => attempt.pipe(retry(2), catchError(() => EMPTY));
 */
export type RetryStrategy<E extends Event = Event> = (
  attempt: Observable<never>,
  context: RetryContext<E>,
) => Observable<unknown>;

/** Name of a built-in strategy. `block` retries without a limit; the other strategies make at most `maxRetries` retries. */
export type RetryStrategyName = 'block' | 'skip' | 'stop' | 'deadLetter';

/** Retries without a limit. */
const block = (options: RetryWithBackoffOptions): RetryStrategy => {
  const withoutEnd = resubscribe<never>({ ...options, maxRetries: Number.POSITIVE_INFINITY });
  return (attempt) => attempt.pipe(withoutEnd);
};

/** Retries up to `maxRetries` times, then errors with the last error. */
const stop =
  (options: RetryWithBackoffOptions): RetryStrategy =>
  (attempt) =>
    attempt.pipe(resubscribe(options));

/** Retries up to `maxRetries` times, then completes. */
const skip =
  (options: RetryWithBackoffOptions): RetryStrategy =>
  (attempt) =>
    attempt.pipe(
      resubscribe(options),
      catchError(() => EMPTY),
    );

/** Built-in strategies by name. `deadLetter` retries like `skip`; the run then stores the dead letter. */
export const STRATEGIES = { block, skip, stop, deadLetter: skip } as const;

/** Returns a built-in strategy with these delays and limits. */
export const strategyOf = (name: RetryStrategyName, options: RetryWithBackoffOptions): RetryStrategy =>
  STRATEGIES[name](options);
