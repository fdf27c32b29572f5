import type { Event } from '../event/event.ts';
import { backoffProps } from '../operators/retry-with-backoff.ts';
import { BACKOFF_DEFAULTS, type BackoffOptions } from '../scheduling/backoff.ts';
import { delayOrInfinity, described } from '../validation/types.ts';
import type { RetryStrategy, RetryStrategyName } from './retry-strategy.ts';

/** What can be chosen of how events are handled, and of what happens when that fails. */
export interface RetryOptions<E extends Event = Event> extends BackoffOptions {
  /** Retries after the first attempt; 0 is one attempt. `block` never gives up, whatever this says. Default 10. */
  readonly maxRetries?: number | undefined;
  /**
   * Whether an error is worth a retry; if not, the event is given up at once, and `block` stops. An error for which it
   * throws is worth one. Default: each is.
   */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /**
   * What happens to an event that cannot be handled. Default `block`.
   *
   * - `block`: it is tried until it is handled.
   * - `skip`: after `maxRetries` it is left behind, with an outcome that tells.
   * - `stop`: after `maxRetries` the watcher fails, its checkpoint before the event.
   * - `deadLetter`: as `skip`, and the store keeps it with its error, to be redriven.
   * - a function: whatever it says.
   */
  readonly retryStrategy?: RetryStrategyName | RetryStrategy<E> | undefined;
  /** How long one attempt may take, in milliseconds; then its signal is aborted and it has failed. Default: for ever. */
  readonly handlerTimeout?: number | undefined;
}

/** The same with the defaults filled in. */
export type ResolvedRetryOptions<E extends Event = Event> = {
  readonly [O in Exclude<keyof RetryOptions, 'retryStrategy'>]-?: NonNullable<RetryOptions[O]>;
} & { readonly retryStrategy: RetryStrategyName | RetryStrategy<E> };

/** What happens unless it is said otherwise. Frozen, so that all that is made of it has one shape (decision 17). */
export const RETRY_DEFAULTS = Object.freeze({
  ...BACKOFF_DEFAULTS,
  maxRetries: 10,
  retryIf: () => true,
  retryStrategy: 'block',
  handlerTimeout: Number.POSITIVE_INFINITY,
} as const);

const NAMES: Readonly<Record<RetryStrategyName, null>> = {
  block: null,
  skip: null,
  stop: null,
  deadLetter: null,
};

/** Tells what is wrong with them, each by its name. */
export const retryOptionProps = {
  ...backoffProps,
  retryStrategy: described(
    "'block', 'skip', 'stop', 'deadLetter', or a function",
    (value): value is RetryStrategyName | RetryStrategy =>
      typeof value === 'function' || (typeof value === 'string' && Object.hasOwn(NAMES, value)),
  ),
  handlerTimeout: delayOrInfinity,
};
