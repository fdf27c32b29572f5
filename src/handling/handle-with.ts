import * as t from 'io-ts';
import { asyncScheduler, concatMap, defer, type OperatorFunction, of, type SchedulerLike } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { readEvent } from '../operators/read-event.ts';
import { Latch } from '../scheduling/latch.ts';
import { observableOf } from '../scheduling/step.ts';
import { check } from '../validation/check.ts';
import { options as optionsCodec } from '../validation/options.ts';
import { fn, scheduler, watcherName } from '../validation/types.ts';
import { handleEvent } from './handle-event.ts';
import type { EventHandler } from './handler.ts';
import { noopListener } from './handling-context.ts';
import type { Outcome } from './outcome.ts';
import {
  RETRY_DEFAULTS,
  type ResolvedRetryOptions,
  type RetryOptions,
  retryOptionProps,
} from './retry-options.ts';

/** Options of {@link handleWith}. */
export interface HandleWithOptions<E extends Event = Event> extends RetryOptions<E> {
  /**
   * Value of `watcherId` in the context of the handler and in errors.
   *
   * @defaultValue `'handleWith'`
   */
  readonly watcherId?: string | undefined;
  /**
   * Scheduler of backoffs and timeouts.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike | undefined;
}

const OptionsCodec = optionsCodec(
  "{ retryStrategy: 'skip' }",
  { ...retryOptionProps, watcherId: watcherName, scheduler },
  undefined,
  ({ retryStrategy }) =>
    retryStrategy === 'deadLetter'
      ? [
          {
            path: 'retryStrategy',
            message: "must not be 'deadLetter', which needs a store; use watch instead",
          },
        ]
      : [],
);
const Handler = t.type({ handler: fn });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of handleWith', faults);

/**
 * Handles events one at a time and in order, with retries, and emits their outcomes.
 *
 * While the handler is busy, this operator queues events without a limit, as `concatMap` does. `watch` does not queue
 * events, because it reads pages on demand.
 *
 * @param handler - Handles one event.
 * @param options - Retry options of a watcher, except the strategy `deadLetter`, which needs a store.
 * @throws {@link InvalidOptionsError} if the handler or an option is not valid. The error lists every fault.
 * @throws {@link EventHandlingError} if the strategy is `stop` and the retries are used up, or if it is `block` and
 *   `retryIf` rejects the error.
 * @throws {@link EventHandlingError} if a custom strategy errors.
 * @see {@link checkpointTo} to store a checkpoint after the outcomes.
 * @example
 * store.events(trimHorizon()).pipe(
 *   ofType('Order'),
 *   handleWith((event) => ship(event.object), { retryStrategy: 'skip', maxRetries: 3 }),
 *   checkpointTo(store, 'shipping'),
 * ).subscribe();
 */
export const handleWith =
  <E extends Event>(
    handler: EventHandler<E>,
    options: HandleWithOptions<E> = {},
  ): OperatorFunction<E, Outcome<E>> =>
  (events) =>
    defer(() => {
      check(Handler, { handler }, invalid);
      const checked = check(OptionsCodec, options, invalid) as HandleWithOptions<E>;
      const resolved = {
        ...RETRY_DEFAULTS,
        watcherId: 'handleWith',
        scheduler: asyncScheduler,
        ...checked,
      } as ResolvedRetryOptions<E> & { readonly watcherId: string; readonly scheduler: SchedulerLike };
      const context = {
        watcherId: resolved.watcherId,
        options: resolved,
        scheduler: resolved.scheduler,
        ending: new Latch(),
        cutOff: new Map(),
        mayBegin: () => true,
        handled: <O>(outcomes: O) => outcomes,
        turn: <T>(attempt: T) => attempt,
        giveUp: <S>(skipped: S) => of(skipped),
        listener: noopListener,
      };
      return events.pipe(
        concatMap((event) => {
          readEvent('handleWith', event, ({ seqNum }) => seqNum);
          return observableOf(handleEvent(context, handler, event));
        }),
      );
    });
