import type { Event } from '../event/event.ts';
import { backoffProps } from '../operators/retry-with-backoff.ts';
import { BACKOFF_DEFAULTS, type BackoffOptions } from '../scheduling/backoff.ts';
import { delayOrInfinity, fn, oneOf } from '../validation/types.ts';
import { type RetryStrategy, type RetryStrategyName, STRATEGIES } from './retry-strategy.ts';

/** Options for failed attempts: retries, backoff, timeout, and the strategy for events that cannot be handled. */
export interface RetryOptions<E extends Event = Event> extends BackoffOptions {
  /**
   * Maximum number of retries after the first attempt; 0 allows one attempt. The strategy `block` ignores this option and
   * never gives an event up.
   *
   * @defaultValue 10
   */
  readonly maxRetries?: number | undefined;
  /**
   * Returns whether an error is worth a retry. If it returns `false`, the strategies `skip` and `deadLetter` give the event
   * up, and `block` and `stop` fail the watcher.
   *
   * If `retryIf` throws, the attempt is retried. By default, there is a retry after every error.
   */
  readonly retryIf?: ((error: unknown) => boolean) | undefined;
  /**
   * Strategy for an event that cannot be handled.
   *
   * - `block`: retries until the event is handled.
   * - `skip`: gives the event up after `maxRetries` retries, and emits an outcome with status `skipped`.
   * - `stop`: fails the watcher after `maxRetries` retries. Its checkpoint stays before the event.
   * - `deadLetter`: like `skip`, and the store keeps the event with its error as a dead letter, for a redrive.
   * - a function: a custom strategy.
   *
   * @defaultValue `'block'`
   */
  readonly retryStrategy?: RetryStrategyName | RetryStrategy<E> | undefined;
  /**
   * Maximum time of one attempt, in milliseconds. After this time, the signal is aborted and the attempt has failed.
   *
   * @defaultValue `Infinity`
   */
  readonly handlerTimeout?: number | undefined;
}

/** Retry options with all defaults applied. */
export type ResolvedRetryOptions<E extends Event = Event> = {
  readonly [O in Exclude<keyof RetryOptions, 'retryStrategy'>]-?: NonNullable<RetryOptions[O]>;
} & { readonly retryStrategy: RetryStrategyName | RetryStrategy<E> };

/**
 * Defaults of the retry options. The object is frozen, so that V8 gives all objects that are created from it the same shape
 * (decision 17).
 */
export const RETRY_DEFAULTS = Object.freeze({
  ...BACKOFF_DEFAULTS,
  maxRetries: 10,
  retryIf: () => true,
  retryStrategy: 'block',
  handlerTimeout: Number.POSITIVE_INFINITY,
} as const);

/** Codecs of the retry options, by name. */
export const retryOptionProps = {
  ...backoffProps,
  retryStrategy: oneOf(
    "'block', 'skip', 'stop', 'deadLetter', or a function",
    Object.keys(STRATEGIES) as RetryStrategyName[],
    fn,
  ),
  handlerTimeout: delayOrInfinity,
};
