import * as t from 'io-ts';
import { isObservable, type Observable, type SchedulerLike } from 'rxjs';
import { type Fault, InvalidOptionsError } from '../errors.ts';
import type { Event } from '../event/event.ts';
import { type EventFilter, EventFilterCodec } from '../event/event-filter.ts';
import { type EventIterator, EventIteratorCodec, trimHorizon } from '../event/event-iterator.ts';
import type { AnyHandler, BatchHandler, EventHandler, TransactionHandler } from '../handling/handler.ts';
import {
  RETRY_DEFAULTS,
  type ResolvedRetryOptions,
  type RetryOptions,
  retryOptionProps,
} from '../handling/retry-options.ts';
import type { EventStore } from '../store/event-store.ts';
import { isReservedId, memberId, partitionId } from '../store/partition-id.ts';
import { check } from '../validation/check.ts';
import { type Given, options as optionsCodec } from '../validation/options.ts';
import { delay, described, fn, oneOf, scheduler, watcherName, wholeFrom } from '../validation/types.ts';

const Id = t.type({ id: watcherName });

const NotReserved = t.type({
  id: described(
    "an id that does not end like that of a partition, as in 'mailer [3/16]' or 'mailer [member 0]'",
    (value): value is string => typeof value === 'string' && !isReservedId(value),
  ),
});

/**
 * Checks the id of a watcher.
 *
 * @throws {@link InvalidOptionsError} if a store cannot store a checkpoint under the id.
 */
export function checkWatcherId(id: unknown): void {
  const invalidId = (faults: readonly Fault[]) => new InvalidOptionsError('watcher id', faults);
  check(Id, { id }, invalidId);
  check(NotReserved, { id }, invalidId);
}

/**
 * Checks that a store accepts the ids of a watcher's partitions and members, which are longer than the id of the watcher.
 *
 * @throws {@link InvalidOptionsError} if the id of the watcher is too long.
 */
export function checkPartitionIds(id: string, count: number): void {
  const longest = [partitionId(id, count - 1, count), memberId(id, MAX_PARTITIONS)];
  for (const derived of longest) {
    check(
      Id,
      { id: derived },
      (faults) => new InvalidOptionsError('id of a watcher with partitions', faults),
    );
  }
}

/** Returns whether the options split the watcher into partitions. */
export const hasPartitions = <E extends Event>(
  options: ResolvedWatchOptions<E>,
): options is ResolvedWatchOptions<E> & { readonly partitions: number } => options.partitions !== undefined;

/**
 * Options of a watcher, without its handler.
 *
 * @see [Handling events](../../docs/guides/handling-events.md)
 */
export interface WatcherOptions<E extends Event = Event> extends RetryOptions<E> {
  /**
   * Position at which the watcher starts if it has no checkpoint. At this start, the watcher stores the position as its
   * first checkpoint, before it handles an event.
   *
   * @defaultValue trimHorizon()
   */
  readonly initialEventIterator?: EventIterator | undefined;
  /** Events to deliver. The checkpoint also moves past excluded events. Default: all events. */
  readonly filter?: EventFilter | undefined;
  /**
   * Maximum number of events scanned per read. Default without a filter: 250, or `maxBatch` if that is higher. Default with
   * a filter: 2000, or `maxBatch` if that is higher. A read with a filter also ends after 250, or `maxBatch`, matching
   * events.
   */
  readonly batchSize?: number | undefined;
  /**
   * Maximum number of events that are read and not yet handled.
   *
   * @defaultValue 1000
   */
  readonly bufferSize?: number | undefined;
  /**
   * Maximum number of events per batch of a `batchHandler`, or per transaction of a `transactionHandler`. A value above
   * `bufferSize` counts as `bufferSize`. Default: 100 per batch, and 1000 per transaction.
   */
  readonly maxBatch?: number | undefined;
  /**
   * Maximum time for which the first event of a batch waits for further events, in milliseconds.
   *
   * @defaultValue 0
   */
  readonly maxWait?: number | undefined;
  /**
   * Maximum number of events that a process handles at the same time. Events with the same key are handled one at a time, in
   * order, and events with different keys concurrently.
   *
   * @defaultValue 1
   */
  readonly concurrency?: number | undefined;
  /**
   * Returns the key of an event; called only if `concurrency` is more than 1. By default, the key is the event's `key`, and
   * all events of one object type without a `key` share one key.
   *
   * If `keyOf` throws, this counts as a failed attempt at the event: the retry strategy applies, and other events wait.
   */
  readonly keyOf?: ((event: E) => string) | undefined;
  /**
   * Pauses the watcher while the last emitted value is `true`. If the Observable fails, its error becomes the watcher's
   * `lastError`. The Observable is then subscribed to again: first after `initialBackoff`, and after each further failure
   * with a longer delay.
   */
  readonly pauseWhen?: Observable<boolean> | undefined;
  /**
   * Whether the watcher neither reads nor writes a checkpoint. If so, each start begins at `initialEventIterator`.
   *
   * @defaultValue false
   */
  readonly ephemeral?: boolean | undefined;
  /**
   * Mode of checkpoints. With `auto`, the watcher stores its checkpoint after each handled or skipped event. If events
   * settle faster than the writes, only the newest checkpoint is written. With `manual`, the watcher stores only its
   * initial position, and the application stores every later checkpoint.
   *
   * @defaultValue 'auto'
   */
  readonly checkpoint?: 'auto' | 'manual' | undefined;
  /**
   * Maximum delay before progress past excluded events is stored, in milliseconds. If more than 16 readers with filters wait
   * on a store, the store notifies a watcher of excluded events up to a second later.
   *
   * @defaultValue 1000
   */
  readonly checkpointInterval?: number | undefined;
  /** Scheduler of the clock and the timers. Default: the scheduler of the store. */
  readonly scheduler?: SchedulerLike | undefined;
}

/** Options of `watch`: the options of a watcher, and exactly one of `handler`, `batchHandler` and `transactionHandler`. */
export type WatchOptions<E extends Event = Event> = WatcherOptions<E> &
  (
    | {
        /** Handler of single events. */
        readonly handler: EventHandler<E>;
        readonly batchHandler?: undefined;
        readonly transactionHandler?: undefined;
      }
    | {
        readonly handler?: undefined;
        /** Handler of batches, instead of `handler`. */
        readonly batchHandler: BatchHandler<E>;
        readonly transactionHandler?: undefined;
      }
    | {
        readonly handler?: undefined;
        readonly batchHandler?: undefined;
        /**
         * Handler that is called inside a transaction of the store, instead of `handler`. Requires an engine with
         * transactions.
         *
         * @see [Exactly-once results](../../docs/guides/exactly-once-results.md)
         */
        readonly transactionHandler: TransactionHandler<E>;
      }
  );

/** Options of `manager.create`: the options of a watcher, its handler, and whether it starts. */
export interface CreateWatcherOptions<E extends Event = Event> extends WatcherOptions<E> {
  /** Handler of single events. It can be set later with `setHandler`. */
  readonly handler?: EventHandler<E> | undefined;
  /** Handler of batches, instead of `handler`. */
  readonly batchHandler?: BatchHandler<E> | undefined;
  /**
   * Handler that is called inside a transaction of the store, instead of `handler`. Requires an engine with transactions.
   *
   * @see [Exactly-once results](../../docs/guides/exactly-once-results.md)
   */
  readonly transactionHandler?: TransactionHandler<E> | undefined;
  /**
   * Whether the watcher starts when it is created. Requires a handler.
   *
   * @defaultValue false
   */
  readonly autoStart?: boolean | undefined;
  /**
   * Number of partitions, from 1 to 1024, into which `partitionOf` splits the events by their keys. Each partition has its own
   * checkpoint and order. With a lease, all processes that create the watcher share its partitions. The number is fixed at the
   * first start. Default: no partitions.
   *
   * `concurrency` limits the handlers of all partitions in a process together. All other options apply to each partition
   * separately. For example, `bufferSize: 1000` permits 16 000 events in memory with 16 partitions. A watcher with
   * partitions cannot be `ephemeral`, and cannot have manual checkpoints or `partition` in the filter.
   *
   * @see [Scaling out](../../docs/guides/scaling-out.md)
   */
  readonly partitions?: number | undefined;
}

/** Options without a default, and options with a default that depends on other options. */
type Optional =
  | 'handler'
  | 'batchHandler'
  | 'transactionHandler'
  | 'filter'
  | 'batchSize'
  | 'pauseWhen'
  | 'scheduler'
  | 'partitions';

/** Options of a watcher with all defaults applied. */
export type ResolvedWatchOptions<E extends Event = Event> = {
  readonly [O in Exclude<keyof CreateWatcherOptions, Optional | keyof RetryOptions>]-?: NonNullable<
    CreateWatcherOptions<E>[O]
  >;
} & Pick<CreateWatcherOptions<E>, Optional> &
  ResolvedRetryOptions<E>;

type GivenOptions = Given<Record<keyof CreateWatcherOptions, t.Mixed>>;

/** Returns the combinations of options that partitions exclude. */
function partitionRules({
  partitions,
  ephemeral,
  checkpoint,
  filter,
}: GivenOptions): readonly (readonly [boolean, Fault])[] {
  const isPartitioned = partitions !== undefined;
  const hasPartition = typeof filter === 'object' && filter !== null && 'partition' in filter;
  return [
    [
      isPartitioned && ephemeral === true,
      { path: 'ephemeral', message: 'must be false with partitions: each partition stores a checkpoint' },
    ],
    [
      isPartitioned && checkpoint === 'manual',
      { path: 'checkpoint', message: "must be 'auto' with partitions: each partition stores its checkpoint" },
    ],
    [
      isPartitioned && hasPartition,
      { path: 'filter.partition', message: 'must be omitted with partitions: each one has its own filter' },
    ],
  ];
}

/** Returns the faults of options that contradict each other. */
function contradictions(options: GivenOptions): readonly Fault[] {
  const { autoStart, handler, batchHandler, transactionHandler, concurrency } = options;
  const isConcurrent = typeof concurrency === 'number' && concurrency > 1;
  const isTransactional = transactionHandler !== undefined;
  const isHandled = handler !== undefined || batchHandler !== undefined || isTransactional;
  const rules: readonly (readonly [boolean, Fault])[] = [
    [autoStart === true && !isHandled, { path: 'autoStart', message: 'must be false without a handler' }],
    [
      handler !== undefined && batchHandler !== undefined,
      { path: 'batchHandler', message: 'must not be given with a handler' },
    ],
    [
      isConcurrent && batchHandler !== undefined,
      { path: 'concurrency', message: 'must be 1 with a batchHandler: batches are handled one at a time' },
    ],
    [
      isTransactional && (handler !== undefined || batchHandler !== undefined),
      { path: 'transactionHandler', message: 'must not be given with a handler or a batchHandler' },
    ],
    [
      isTransactional && isConcurrent,
      {
        path: 'concurrency',
        message: 'must be 1 with a transactionHandler: transactions take place one at a time',
      },
    ],
    [
      isTransactional && options.checkpoint === 'manual',
      {
        path: 'checkpoint',
        message: "must be 'auto' with a transactionHandler: the transaction stores the checkpoint",
      },
    ],
    [
      isTransactional && options.ephemeral === true,
      {
        path: 'ephemeral',
        message: 'must be false with a transactionHandler: the transaction stores the checkpoint',
      },
    ],
    ...partitionRules(options),
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
  transactionHandler: fn,
  maxBatch: wholeFrom(1),
  maxWait: delay,
  concurrency: wholeFrom(1),
  keyOf: fn,
  pauseWhen: described('an Observable', (value): value is Observable<boolean> => isObservable(value)),
  ephemeral: t.boolean,
  checkpoint: oneOf("'auto' or 'manual'", ['auto', 'manual']),
  checkpointInterval: delay,
  scheduler,
};

/**
 * Maximum number of partitions. It limits the load of the store, because each process reads the lease of each partition
 * several times per lease duration.
 */
const MAX_PARTITIONS = 1024;

const WatchOptionsCodec = optionsCodec(EXAMPLE, props, undefined, contradictions);
const CreateWatcherOptionsCodec = optionsCodec(
  EXAMPLE,
  {
    ...props,
    autoStart: t.boolean,
    partitions: described(
      `a whole number from 1 to ${MAX_PARTITIONS}`,
      (value): value is number => wholeFrom(1).is(value) && value <= MAX_PARTITIONS,
    ),
  },
  undefined,
  contradictions,
);

/**
 * Returns the key of an event. All events of one object type without a key share one generated key, which begins with a low
 * surrogate. The key of an event is well-formed Unicode, so it never equals a generated key.
 */
const defaultKeyOf = ({ key, objectType }: Event): string => key ?? `\udc00${objectType}`;

/**
 * Defaults of the options. The object is frozen, because V8 would give each extended copy of an unfrozen object a separate
 * shape, which makes reads of its properties slower (decision 17).
 */
const DEFAULTS = Object.freeze({
  ...RETRY_DEFAULTS,
  autoStart: false,
  initialEventIterator: trimHorizon(),
  bufferSize: 1000,
  maxBatch: 100,
  maxWait: 0,
  concurrency: 1,
  keyOf: defaultKeyOf,
  ephemeral: false,
  checkpoint: 'auto',
  checkpointInterval: 1000,
} as const);

/** Defaults of the options of a watcher with a transaction handler. Frozen for the same reason as `DEFAULTS`. */
const TRANSACTION_DEFAULTS = Object.freeze({ ...DEFAULTS, maxBatch: 1000 } as const);

/** Returns the handler of the options with its kind; `undefined` if the options contain no handler. */
export function handlerOf<E extends Event>({
  handler,
  batchHandler,
  transactionHandler,
}: CreateWatcherOptions<E>): AnyHandler<E> | undefined {
  if (transactionHandler !== undefined) return { kind: 'transaction', handle: transactionHandler };
  if (batchHandler !== undefined) return { kind: 'batch', handle: batchHandler };
  return handler && { kind: 'event', handle: handler };
}

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of a watcher', faults);

/**
 * Checks that the engine of a store supports the options: a transaction handler needs transactions.
 *
 * @throws {@link InvalidOptionsError} if there is a transaction handler and the engine has no transactions.
 */
export function assertSupported<E extends Event>(
  store: EventStore<E>,
  { transactionHandler }: ResolvedWatchOptions<E>,
): void {
  if (transactionHandler === undefined || store.transaction !== undefined) return;
  const message =
    'must be omitted, because the engine of the store has no transactions; use handler, and store the position ' +
    'together with the results (docs/guides/exactly-once-results.md)';
  throw invalid([{ path: 'transactionHandler', message }]);
}

const withDefaults = <E extends Event>(checked: CreateWatcherOptions<E>): ResolvedWatchOptions<E> => {
  const defaults = checked.transactionHandler === undefined ? DEFAULTS : TRANSACTION_DEFAULTS;
  return { ...defaults, ...checked } as ResolvedWatchOptions<E>;
};

/**
 * Returns the options of `watch` with all defaults applied.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
 */
export const resolveWatchOptions = <E extends Event>(given: WatchOptions<E>): ResolvedWatchOptions<E> =>
  withDefaults(check(WatchOptionsCodec, given, invalid) as CreateWatcherOptions<E>);

/**
 * Returns the options of `manager.create` with all defaults applied.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
 */
export const resolveCreateWatcherOptions = <E extends Event>(
  given: CreateWatcherOptions<E>,
): ResolvedWatchOptions<E> =>
  withDefaults(check(CreateWatcherOptionsCodec, given, invalid) as CreateWatcherOptions<E>);
