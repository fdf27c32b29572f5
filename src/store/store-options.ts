import * as t from 'io-ts';
import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { InvalidOptionsError } from '../errors.ts';
import { check } from '../validation/check.ts';
import { defined, options } from '../validation/options.ts';
import {
  described,
  duration,
  durationOrInfinity,
  fn,
  period,
  scheduler,
  wholeFrom,
} from '../validation/types.ts';
import { type Logger, type Reporter, reporterOf } from './reporting/logger.ts';
import type { Retention } from './retention/retention-policy.ts';
import type { Codecs } from './serialization/codec-serializer.ts';
import { codecSerializer } from './serialization/codec-serializer.ts';
import { jsonSerializer } from './serialization/json-serializer.ts';
import { isCodec } from './serialization/object-codec.ts';
import type { Serializer } from './serialization/serializer.ts';

/** Options that every store has, on any engine. */
export interface StoreOptions {
  /**
   * Serializer of the objects.
   *
   * @defaultValue `jsonSerializer()`
   */
  readonly serializer?: Serializer | undefined;
  /**
   * A codec for each object type, which validates objects when they are stored and when they are read. A codec is an io-ts
   * codec, or a synchronous schema of a library that implements Standard Schema v1, for example zod or valibot. Without
   * codecs, the store accepts every object type.
   *
   * @see [Codecs that evolve](../../docs/guides/codecs-that-evolve.md)
   */
  readonly codecs?: Codecs | undefined;
  /**
   * Maximum number of cached objects. The cache holds the objects of the last appends, and the objects at positions where
   * several readers read. Cached objects are decoded, frozen and shared. A reader that is alone at its position gets
   * separate, mutable objects. With 0, every reader gets separate, mutable objects.
   *
   * @defaultValue 1000
   */
  readonly cacheSize?: number | undefined;
  /**
   * Maximum size of a serialized object, in bytes. A larger object is rejected with a `SerializationError`.
   *
   * @defaultValue 1 MiB
   */
  readonly maxEventBytes?: number | undefined;
  /**
   * Maximum time for which `getEvents` waits for an event, in milliseconds.
   *
   * @defaultValue 10 000
   */
  readonly longPollingTimeout?: number | undefined;
  /**
   * Minimum age, in milliseconds, at which garbage collection deletes an event. Every checkpoint, and every running watcher
   * of this process, must also have passed the event. Without checkpoints, no event is deleted by age. 0 disables deletion
   * by age.
   *
   * @defaultValue 24 hours; 0 in a memory store
   */
  readonly gcAgeThreshold?: number | undefined;
  /**
   * Time between two runs of garbage collection, in milliseconds.
   *
   * @defaultValue 10 minutes
   */
  readonly gcCadence?: number | undefined;
  /**
   * Maximum number of events that one run of garbage collection deletes.
   *
   * @defaultValue 1 000 000
   */
  readonly gcMaxRecordsPerRun?: number | undefined;
  /**
   * Maximum duration of one run of garbage collection, in milliseconds. The run ends after the transaction that exceeds
   * this duration.
   *
   * @defaultValue 10 seconds
   */
  readonly gcMaxDuration?: number | undefined;
  /**
   * Hard limits of age, number and size. A watcher that has not passed a deleted event fails with a `SequenceTrimmedError`.
   * By default there is no limit.
   */
  readonly retention?: Retention | undefined;
  /**
   * Whether readers that wait for events keep the process alive: a live `events` or `headers`, a `watch`, and a watcher that
   * is running or in standby, and not paused. Garbage collection and leases never keep the process alive. With a scheduler
   * of virtual time the option has no effect. The connection of a JetStream store keeps the process alive until the
   * connection is closed, even if the option is `false`.
   *
   * @defaultValue true
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Clock and timers of the store. Tests can pass a scheduler of virtual time.
   *
   * @defaultValue `asyncScheduler`
   */
  readonly scheduler?: SchedulerLike | undefined;
  /**
   * Receiver of the log messages of the store and its watchers. Without a logger, a failure becomes a process warning of type
   * `RxWatcherWarning`, once per warning code and process. Other messages are dropped.
   *
   * @see [Logs and warnings](../../docs/guides/logs-and-warnings.md)
   */
  readonly logger?: Logger | undefined;
}

/** Store options with all defaults applied. */
export type ResolvedStoreOptions = {
  readonly [O in Exclude<keyof StoreOptions, 'codecs' | 'logger'>]-?: NonNullable<StoreOptions[O]>;
} & { readonly logger: Reporter };

/** Codecs of the options of every store, by name. An engine adds codecs of its own options and checks all of them. */
export const storeOptionProps = {
  serializer: t.type({ encode: fn, decode: fn }, 'a serializer'),
  codecs: t.record(
    t.string,
    described('an io-ts codec or a Standard Schema v1', isCodec),
    'codecs by object type',
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

/** Validates the options of every store. Does not check the options of an engine. */
const StoreOptionsCodec = t.partial(storeOptionProps, 'the options of a store');

/**
 * Checks store options and applies the defaults.
 *
 * @throws {@link InvalidOptionsError} if an option is not valid. The error lists all faults.
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
