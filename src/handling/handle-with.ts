import * as t from 'io-ts';
import { asyncScheduler, concatMap, defer, type OperatorFunction, of, type SchedulerLike } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { readEvent } from '../operators/read-event.ts';
import { Latch } from '../scheduling/latch.ts';
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

/** How `handleWith` calls the handler. */
export interface HandleWithOptions<E extends Event = Event> extends RetryOptions<E> {
  /** What the handler is told to be called by. Default `'handleWith'`. */
  readonly watcherId?: string | undefined;
  /** What delays run on. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
}

const OptionsCodec = optionsCodec(
  "{ retryStrategy: 'skip' }",
  { ...retryOptionProps, watcherId: watcherName, scheduler },
  undefined,
  ({ retryStrategy }) =>
    retryStrategy === 'deadLetter'
      ? [{ path: 'retryStrategy', message: "'deadLetter' needs a store: see watch" }]
      : [],
);
const Handler = t.type({ handler: fn });

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of handleWith', faults);

/**
 * Has each event handled, one at a time and in order, and emits what became of it: the heart of a watcher, for a
 * pipeline of your own.
 *
 * It queues what it is sent while a handler is busy, as `concatMap` does; `watch` does not, it reads by demand.
 *
 * @param handler - Handles one event; see `EventHandler`.
 * @param options - The retry options of a watcher. `deadLetter` needs a store, and is refused.
 * @throws InvalidOptionsError with every fault at once.
 * @throws EventHandlingError under `stop`, and if a strategy of your own errors.
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
        turn: <T>(attempt: T) => attempt,
        giveUp: <S>(skipped: S) => of(skipped),
        listener: noopListener,
      };
      return events.pipe(
        concatMap((event) => {
          readEvent('handleWith', event, ({ seqNum }) => seqNum);
          return handleEvent(context, handler, event);
        }),
      );
    });
