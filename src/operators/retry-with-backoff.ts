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

/** When and how often to try again. */
export interface RetryWithBackoffOptions extends BackoffOptions {
  /** Retries after the first attempt; 0 is one attempt. Default `Infinity`. */
  readonly maxRetries?: number | undefined;
  /** Whether an error is worth a retry. Default: each is. */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /** What the delays run on. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** Codecs of what they have in common with the options of a watcher. */
export const backoffProps = {
  initialBackoff: delay,
  maxBackoff: delay,
  jitter: t.boolean,
  maxRetries: wholeOrInfinity,
  retryIf: fn,
};

const OptionsCodec = optionsCodec('{ maxRetries: 3 }', { ...backoffProps, scheduler });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of retryWithBackoff', faults);

/** `retryWithBackoff` of options that were checked. */
export function resubscribe<T>(options: RetryWithBackoffOptions): MonoTypeOperatorFunction<T> {
  const { maxRetries = Number.POSITIVE_INFINITY, retryIf = () => true, scheduler = asyncScheduler } = options;
  return retry({
    count: maxRetries,
    delay: (error, count) =>
      retryIf(error) ? timer(backoff(count, options), scheduler) : throwError(() => error),
  });
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
 * @throws {@link InvalidOptionsError} at the call, with every fault at once.
 * @example
 * defer(() => deliver(event)).pipe(retryWithBackoff({ maxRetries: 3 }))
 */
export const retryWithBackoff = <T>(options: RetryWithBackoffOptions = {}): MonoTypeOperatorFunction<T> =>
  resubscribe(check(OptionsCodec, options, invalid) as RetryWithBackoffOptions);
