import * as t from 'io-ts';
import { isObservable, type Observable, type SchedulerLike } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventFilter, EventFilterCodec } from '../event/event-filter.ts';
import { type EventIterator, EventIteratorCodec, trimHorizon } from '../event/event-iterator.ts';
import type { AnyHandler, BatchHandler, EventHandler } from '../handling/handler.ts';
import {
  RETRY_DEFAULTS,
  type ResolvedRetryOptions,
  type RetryOptions,
  retryOptionProps,
} from '../handling/retry-options.ts';
import { check } from '../validation/check.ts';
import { type Given, options as optionsCodec } from '../validation/options.ts';
import { delay, described, fn, scheduler, watcherName, wholeFrom } from '../validation/types.ts';

const Id = t.type({ id: watcherName });

/**
 * Refuses an id that no store could keep a checkpoint under.
 *
 * @throws InvalidOptionsError
 */
export function checkWatcherId(id: unknown): void {
  check(Id, { id }, (faults) => new InvalidOptionsError('watcher id', faults));
}

/** Options of a watcher but for its handler. */
export interface WatcherOptions<E extends Event = Event> extends RetryOptions<E> {
  /**
   * Where to begin when there is no checkpoint. That position is stored as the first checkpoint before an event is
   * handled. Default `trimHorizon()`.
   */
  readonly initialEventIterator?: EventIterator | undefined;
  /** Which events to hand over; the others count as progress. Default: all. */
  readonly filter?: EventFilter | undefined;
  /** Events examined per read. Default 100; with a filter, up to 2000, until it has let 100 through. */
  readonly batchSize?: number | undefined;
  /** The most events read and not yet handled. Default 1000. */
  readonly bufferSize?: number | undefined;
  /** The most events of a batch; no more than `bufferSize`. Default 100. */
  readonly maxBatch?: number | undefined;
  /** How long, in milliseconds, the first event of a batch waits for others to come. Default 0: not at all. */
  readonly maxWait?: number | undefined;
  /** How many handlers may run at the same time; more than 1 needs `keyOf`. Default 1. */
  readonly concurrency?: number | undefined;
  /**
   * Events of one key are handled in order, one at a time; those of different keys at the same time. An event for which it
   * throws counts as one whose handler fails: the retry strategy applies, and other events wait for it.
   */
  readonly keyOf?: ((event: E) => string) | undefined;
  /**
   * While its last value is `true`, no event is handed over. One that errors is subscribed to again after
   * `initialBackoff`, with a delay that grows; the error is the watcher's `lastError`.
   */
  readonly pauseWhen?: Observable<boolean> | undefined;
  /** Whether it goes without a checkpoint: none is read or written. Default false. */
  readonly ephemeral?: boolean | undefined;
  /**
   * `auto` stores the checkpoint after each handled event, coalesced; `manual` leaves it to you, except for the position
   * where the watcher first begins. Default `auto`.
   */
  readonly checkpoint?: 'auto' | 'manual' | undefined;
  /** How long progress past events that the filter left out may wait to be stored, in milliseconds. Default 1000. */
  readonly checkpointInterval?: number | undefined;
  /** What its clock and timers run on. Default: the store's. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** Options of `watch`: those of a watcher, and either `handler` or `batchHandler`. */
export type WatchOptions<E extends Event = Event> = WatcherOptions<E> &
  (
    | {
        /** Handles the events, one at a time. */
        readonly handler: EventHandler<E>;
        readonly batchHandler?: undefined;
      }
    | {
        readonly handler?: undefined;
        /** Handles several events at once, in place of `handler`. */
        readonly batchHandler: BatchHandler<E>;
      }
  );

/** Options of `manager.create`: those of a watcher, its handler, and whether it starts. */
export interface CreateWatcherOptions<E extends Event = Event> extends WatcherOptions<E> {
  /** Handles the events, one at a time. `setHandler` sets it later. */
  readonly handler?: EventHandler<E> | undefined;
  /** Handles several events at once, in place of `handler`. */
  readonly batchHandler?: BatchHandler<E> | undefined;
  /** Whether the watcher starts when it is created. Needs a handler. Default `false`. */
  readonly autoStart?: boolean | undefined;
}

/** Options without a default, and options whose default depends on others. */
type Optional = 'handler' | 'batchHandler' | 'filter' | 'batchSize' | 'pauseWhen' | 'scheduler';

/** The same with the defaults filled in. */
export type ResolvedWatchOptions<E extends Event = Event> = {
  readonly [O in Exclude<keyof CreateWatcherOptions, Optional | keyof RetryOptions>]-?: NonNullable<
    CreateWatcherOptions<E>[O]
  >;
} & Pick<CreateWatcherOptions<E>, Optional> &
  ResolvedRetryOptions<E>;

/** What must be told of the options together. */
function contradictions(options: Given<Record<keyof CreateWatcherOptions, t.Mixed>>): readonly Fault[] {
  const { autoStart, handler, batchHandler, concurrency, keyOf } = options;
  const isConcurrent = typeof concurrency === 'number' && concurrency > 1;
  const isHandled = handler !== undefined || batchHandler !== undefined;
  const rules: readonly [boolean, Fault][] = [
    [autoStart === true && !isHandled, { path: 'autoStart', message: 'needs a handler' }],
    [
      handler !== undefined && batchHandler !== undefined,
      { path: 'batchHandler', message: 'must not be given with a handler' },
    ],
    [isConcurrent && keyOf === undefined, { path: 'concurrency', message: 'more than 1 needs keyOf' }],
    [
      isConcurrent && batchHandler !== undefined,
      { path: 'concurrency', message: 'must be 1 with a batchHandler: batches come one at a time' },
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, fault]) => fault);
}

const EXAMPLE = '{ handler: (event) => send(event) }';

const props = {
  handler: fn,
  initialEventIterator: EventIteratorCodec,
  filter: EventFilterCodec,
  batchSize: wholeFrom(1),
  bufferSize: wholeFrom(1),
  ...retryOptionProps,
  batchHandler: fn,
  maxBatch: wholeFrom(1),
  maxWait: delay,
  concurrency: wholeFrom(1),
  keyOf: fn,
  pauseWhen: described('an Observable', (value): value is Observable<boolean> => isObservable(value)),
  ephemeral: t.boolean,
  checkpoint: t.keyof({ auto: null, manual: null }, "'auto' or 'manual'"),
  checkpointInterval: delay,
  scheduler,
};

const WatchOptionsCodec = optionsCodec(EXAMPLE, props, undefined, contradictions);
const CreateWatcherOptionsCodec = optionsCodec(
  EXAMPLE,
  { ...props, autoStart: t.boolean },
  undefined,
  contradictions,
);

/** Frozen: of what is not, V8 gives each copy that something is added to a shape of its own (decision 17). */
const DEFAULTS = Object.freeze({
  ...RETRY_DEFAULTS,
  autoStart: false,
  initialEventIterator: trimHorizon(),
  bufferSize: 1000,
  maxBatch: 100,
  maxWait: 0,
  concurrency: 1,
  keyOf: () => '',
  ephemeral: false,
  checkpoint: 'auto',
  checkpointInterval: 1000,
} as const);

/** The handler that the options have, of either kind. */
export function handlerOf<E extends Event>({
  handler,
  batchHandler,
}: CreateWatcherOptions<E>): AnyHandler<E> | undefined {
  if (batchHandler !== undefined) return { kind: 'batch', handle: batchHandler };
  return handler && { kind: 'event', handle: handler };
}

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a watcher', faults);

/**
 * Returns the options of `watch` with the defaults filled in.
 *
 * @throws InvalidOptionsError with every fault.
 */
export const resolveWatchOptions = <E extends Event>(given: WatchOptions<E>): ResolvedWatchOptions<E> =>
  ({ ...DEFAULTS, ...check(WatchOptionsCodec, given, invalid) }) as ResolvedWatchOptions<E>;

/**
 * Returns the options of `manager.create` with the defaults filled in.
 *
 * @throws InvalidOptionsError with every fault.
 */
export const resolveCreateWatcherOptions = <E extends Event>(
  given: CreateWatcherOptions<E>,
): ResolvedWatchOptions<E> =>
  ({ ...DEFAULTS, ...check(CreateWatcherOptionsCodec, given, invalid) }) as ResolvedWatchOptions<E>;
