import { catchError, EMPTY, type Observable, type SchedulerLike } from 'rxjs';
import type { Event } from '../event/event.ts';
import { type RetryWithBackoffOptions, resubscribe } from '../operators/retry-with-backoff.ts';

/** What a retry strategy of your own is told of the event at hand. */
export interface RetryContext<E extends Event = Event> {
  /** Whose event it is. */
  readonly watcherId: string;
  /** Its number. */
  readonly seqNum: number;
  /** The event; missing if it could not be decoded. */
  readonly event?: E;
  /** What delays are to run on. */
  readonly scheduler: SchedulerLike;
}

/**
 * Decides what happens when an attempt fails.
 *
 * It is given the attempt, a cold Observable: each subscription calls the handler once, completes when the handler is
 * done, and errors with what it failed with. The watcher goes on when the Observable that it returns completes: behind a
 * handled event, if the last attempt completed, and behind a skipped one, if not. If it errors, the watcher stops there.
 * What it emits does not matter.
 *
 * @example
 * const thrice: RetryStrategy = (attempt) => attempt.pipe(retry(2), catchError(() => EMPTY));
 */
export type RetryStrategy<E extends Event = Event> = (
  attempt: Observable<never>,
  context: RetryContext<E>,
) => Observable<unknown>;

/** The strategies that come with the library. */
export type RetryStrategyName = 'block' | 'skip' | 'stop' | 'deadLetter';

/** Tries again without an end. */
const block = (options: RetryWithBackoffOptions): RetryStrategy => {
  const withoutEnd = resubscribe<never>({ ...options, maxRetries: Number.POSITIVE_INFINITY });
  return (attempt) => attempt.pipe(withoutEnd);
};

/** Tries again a number of times, and then lets the error pass. */
const stop =
  (options: RetryWithBackoffOptions): RetryStrategy =>
  (attempt) =>
    attempt.pipe(resubscribe(options));

/** Tries again a number of times, and then leaves it at that. */
const skip =
  (options: RetryWithBackoffOptions): RetryStrategy =>
  (attempt) =>
    attempt.pipe(
      resubscribe(options),
      catchError(() => EMPTY),
    );

const STRATEGIES = { block, skip, stop, deadLetter: skip } as const;

/** The strategy of a name, with these delays and limits. */
export const strategyOf = (name: RetryStrategyName, options: RetryWithBackoffOptions): RetryStrategy =>
  STRATEGIES[name](options);
