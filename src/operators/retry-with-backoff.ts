import * as t from 'io-ts';
import {
  asyncScheduler,
  type MonoTypeOperatorFunction,
  retry,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import { type BackoffOptions, backoff } from '../scheduling/backoff.ts';
import { check } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { delay, fn, scheduler, wholeOrInfinity } from '../validation/types.ts';

/** Options of {@link retryWithBackoff}. */
export interface RetryWithBackoffOptions extends BackoffOptions {
  /**
   * Maximum number of retries after the first attempt; 0 allows one attempt.
   *
   * @defaultValue `Infinity`
   */
  readonly maxRetries?: number | undefined;
  /** Returns whether an error is worth a retry. By default, every error is retried. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /**
   * Clock and timers of the delays.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike | undefined;
}

/** Codecs of the options that `retryWithBackoff` shares with watchers. */
export const backoffProps = {
  initialBackoff: delay,
  maxBackoff: delay,
  jitter: t.boolean,
  maxRetries: wholeOrInfinity,
  retryIf: fn,
};

const OptionsCodec = optionsCodec('{ maxRetries: 3 }', { ...backoffProps, scheduler });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of retryWithBackoff', faults);

/** Resubscribes to a failed source like {@link retryWithBackoff}, but does not check its options. */
export function resubscribe<T>(options: RetryWithBackoffOptions): MonoTypeOperatorFunction<T> {
  const { maxRetries = Number.POSITIVE_INFINITY, retryIf = () => true, scheduler = asyncScheduler } = options;
  return retry({
    count: maxRetries,
    delay: (error, count) =>
      retryIf(error) ? timer(backoff(count, options), scheduler) : throwError(() => error),
  });
}

/**
 * Resubscribes to a failed source after a delay that doubles with each retry, up to `maxBackoff`.
 *
 * Intended for the inner Observable of one event: the retry count and the delays begin again with each subscription.
 *
 * @param options - Retry options; see {@link RetryWithBackoffOptions}.
 * @returns Operator that errors with the last error of the source when the retries are used up or `retryIf` returns false.
 * @throws {@link InvalidOptionsError} if an option is not valid; thrown by the call. The error lists every fault.
 * @see {@link handleWith} for retries with strategies and outcomes.
 * @example
 * defer(() => deliver(event)).pipe(retryWithBackoff({ maxRetries: 3 }))
 */
export const retryWithBackoff = <T>(options: RetryWithBackoffOptions = {}): MonoTypeOperatorFunction<T> =>
  resubscribe(check(OptionsCodec, options, invalid) as RetryWithBackoffOptions);
