import * as t from 'io-ts';
import type { SchedulerLike } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventFilter, EventFilterCodec } from '../event/event-filter.ts';
import { type EventIterator, EventIteratorCodec, trimHorizon } from '../event/event-iterator.ts';
import { BACKOFF_DEFAULTS } from '../retry/backoff.ts';
import { check } from '../validation/check.ts';
import { defined } from '../validation/defined.ts';
import { duration, wholeFrom, wholeOrInfinity } from '../validation/numbers.ts';
import { fn, scheduler } from '../validation/parts.ts';
import type { EventHandler } from './event-handler.ts';

/** What can be chosen of a watcher. */
export interface WatchOptions<E extends Event = Event> {
  /** Handles the events, one at a time. */
  readonly handler?: EventHandler<E> | undefined;
  /** Whether a manager starts it at once; needs a handler. Default false. */
  readonly autoStart?: boolean | undefined;
  /** Where to begin when there is no checkpoint. Default `trimHorizon()`. */
  readonly initialEventIterator?: EventIterator | undefined;
  /** Which events to hand over; the others count as progress. Default: all. */
  readonly filter?: EventFilter | undefined;
  /** Events examined per read. Default 100. */
  readonly batchSize?: number | undefined;
  /** The most events read and not yet handled. Default 1000. */
  readonly bufferSize?: number | undefined;
  /** Delay before the first retry, in milliseconds. Default 200. */
  readonly initialBackoff?: number | undefined;
  /** Cap on any one delay, in milliseconds. Default 180 000. */
  readonly maxBackoff?: number | undefined;
  /** Retries after the first attempt under `skip`; 0 is one attempt. Default `Infinity`. */
  readonly maxRetries?: number | undefined;
  /** `block` tries the same event until it is handled; `skip` gives it up after `maxRetries`. Default `block`. */
  readonly retryStrategy?: 'block' | 'skip' | undefined;
  /** Whether it goes without a checkpoint: none is read or written. Default false. */
  readonly ephemeral?: boolean | undefined;
  /** `auto` stores the checkpoint behind each handled event, coalesced; `manual` leaves it to you. Default `auto`. */
  readonly checkpoint?: 'auto' | 'manual' | undefined;
  /** What its clock and timers run on. Default: the store's. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** The same with the defaults filled in. */
export type ResolvedWatchOptions<E extends Event = Event> = {
  readonly [O in Exclude<keyof WatchOptions, 'handler' | 'filter' | 'scheduler'>]-?: NonNullable<
    WatchOptions<E>[O]
  >;
} & Pick<WatchOptions<E>, 'handler' | 'filter' | 'scheduler'>;

const WatchOptionsCodec = t.partial(
  {
    handler: fn,
    autoStart: t.boolean,
    initialEventIterator: EventIteratorCodec,
    filter: EventFilterCodec,
    batchSize: wholeFrom(1),
    bufferSize: wholeFrom(1),
    initialBackoff: duration,
    maxBackoff: duration,
    maxRetries: wholeOrInfinity,
    retryStrategy: t.keyof({ block: null, skip: null }, "'block' or 'skip'"),
    ephemeral: t.boolean,
    checkpoint: t.keyof({ auto: null, manual: null }, "'auto' or 'manual'"),
    scheduler,
  },
  'the options of a watcher',
);

const DEFAULTS = {
  autoStart: false,
  initialEventIterator: trimHorizon(),
  batchSize: 100,
  bufferSize: 1000,
  initialBackoff: BACKOFF_DEFAULTS.initialBackoff,
  maxBackoff: BACKOFF_DEFAULTS.maxBackoff,
  maxRetries: Number.POSITIVE_INFINITY,
  retryStrategy: 'block',
  ephemeral: false,
  checkpoint: 'auto',
} as const;

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionsError with every fault at once.
 */
export function resolveWatchOptions<E extends Event>(options: WatchOptions<E>): ResolvedWatchOptions<E> {
  const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a watcher', faults);
  check(WatchOptionsCodec, options, invalid);
  if (options.autoStart === true && options.handler === undefined) {
    throw invalid([{ path: 'autoStart', message: 'needs a handler' }]);
  }
  return { ...DEFAULTS, ...defined(options) };
}
