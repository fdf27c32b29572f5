import * as t from 'io-ts';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { defined, options } from '../validation/options.ts';
import { duration, durationOrInfinity, fn, period, scheduler, wholeFrom } from '../validation/types.ts';
import { type Logger, type Reporter, reporterOf } from './reporting/logger.ts';
import type { Retention } from './retention/retention-policy.ts';
import type { Codecs } from './serialization/codec-serializer.ts';
import { codecSerializer } from './serialization/codec-serializer.ts';
import { jsonSerializer } from './serialization/json-serializer.ts';
import type { Serializer } from './serialization/serializer.ts';

/** What can be chosen of any store. */
export interface StoreOptions {
  /** How an object becomes bytes and back. Default `jsonSerializer()`. */
  readonly serializer?: Serializer | undefined;
  /** An io-ts codec for each object type: objects are checked on the way in, decoded on the way out. Default: none. */
  readonly codecs?: Codecs | undefined;
  /** Decoded objects kept for several readers, frozen; 0 keeps none, and each reader gets one of its own. Default 1000. */
  readonly cacheSize?: number | undefined;
  /** The largest object to store, in bytes, serialized. Default 1 MiB. */
  readonly maxEventBytes?: number | undefined;
  /** How long `getEvents` waits when there is nothing, in milliseconds. Default 10 000. */
  readonly longPollingTimeout?: number | undefined;
  /**
   * Age, in milliseconds, from which garbage collection deletes an event that every checkpoint, and every running watcher
   * of this process, has passed. Without any checkpoint nothing is deleted. 0 turns that off. Default 24 h; in memory 0.
   */
  readonly gcAgeThreshold?: number | undefined;
  /** Time between two runs of garbage collection, in milliseconds. Default 10 min. */
  readonly gcCadence?: number | undefined;
  /** The most events that one run lets go of. Default 1 000 000. */
  readonly gcMaxRecordsPerRun?: number | undefined;
  /** The longest that one run may take, in milliseconds. Default 10 s. */
  readonly gcMaxDuration?: number | undefined;
  /** Hard limits. A watcher that has not passed a deleted event gets a `SequenceTrimmedError`. Default: none. */
  readonly retention?: Retention | undefined;
  /**
   * Whether the process stays alive while it waits for events: by a live `events` or `headers`, a `watch`, or a watcher that
   * is started or stands by, and not paused. Garbage collection and leases never keep it alive. On a scheduler of virtual time
   * nothing does. The connection of a JetStream store keeps the process alive until it is closed, whatever this says.
   * Default true.
   */
  readonly keepAlive?: boolean | undefined;
  /** Every clock and timer of the store. Default `asyncScheduler`. */
  readonly scheduler?: SchedulerLike | undefined;
  /**
   * Receiver of what the store and its watchers report. Default: failures become process warnings of type
   * `RxWatcherWarning`, each kind once per process, and the rest is dropped.
   *
   * @see the guide "What is reported"
   */
  readonly logger?: Logger | undefined;
}

/** The same with nothing left open. */
export type ResolvedStoreOptions = {
  readonly [O in Exclude<keyof StoreOptions, 'codecs' | 'logger'>]-?: NonNullable<StoreOptions[O]>;
} & { readonly logger: Reporter };

/** Codecs of the options of any store, by name. An engine adds its own, and checks all of them with `options`. */
export const storeOptionProps = {
  serializer: t.type({ encode: fn, decode: fn }, 'a serializer'),
  codecs: t.record(
    t.string,
    t.type({ is: fn, decode: fn, encode: fn }, 'an io-ts codec'),
    'io-ts codecs by object type',
  ),
  cacheSize: wholeFrom(0),
  maxEventBytes: wholeFrom(1),
  longPollingTimeout: durationOrInfinity,
  gcAgeThreshold: duration,
  gcCadence: period,
  gcMaxRecordsPerRun: wholeFrom(1),
  gcMaxDuration: duration,
  retention: options('{ maxEvents: 1_000_000 }', {
    maxAge: duration,
    maxEvents: wholeFrom(0),
    maxBytes: wholeFrom(0),
  }),
  keepAlive: t.boolean,
  scheduler,
  logger: t.type({ debug: fn, info: fn, warn: fn, error: fn }, 'a logger'),
};

/** Decodes the options of any store, and leaves those of an engine as they are. */
const StoreOptionsCodec = t.partial(storeOptionProps, 'the options of a store');

/**
 * Fills in the defaults.
 *
 * @throws InvalidOptionsError with every fault at once.
 */
export function resolveStoreOptions(given: StoreOptions): ResolvedStoreOptions {
  const checked = check(
    StoreOptionsCodec,
    given,
    (faults) => new InvalidOptionsError('store options', faults),
  );
  const { codecs, serializer = jsonSerializer(), logger, ...rest } = checked as StoreOptions;
  return {
    cacheSize: 1000,
    maxEventBytes: 1024 * 1024,
    longPollingTimeout: 10_000,
    gcAgeThreshold: 24 * 60 * 60 * 1000,
    gcCadence: 10 * 60 * 1000,
    gcMaxRecordsPerRun: 1_000_000,
    gcMaxDuration: 10_000,
    retention: {},
    keepAlive: true,
    scheduler: asyncScheduler,
    ...defined(rest),
    logger: reporterOf(logger),
    serializer: codecs === undefined ? serializer : codecSerializer(serializer, codecs),
  };
}
