import * as t from 'io-ts';
import type { RootDatabase } from 'lmdb';
import { type Fault, InvalidOptionsError, StoreError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { assembleStore } from '../../store/create-event-store.ts';
import type { TransactionalEventStore } from '../../store/event-store.ts';
import { type Reporter, reporterOf } from '../../store/reporting/logger.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { defined, options } from '../../validation/options.ts';
import { described, filledText } from '../../validation/types.ts';
import { fileMode, PRIVATE } from './file/file-mode.ts';
import { createLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';
import type { LmdbEventStore } from './lmdb-event-store.ts';
import type { FileOptions } from './open/data-directory.ts';
import { guardEnv, openGuardedEnv } from './open/open-lmdb-env.ts';
import { type SharedEnv, shareEnv } from './open/shared-env.ts';
import { IDS_BUCKET } from './tables/id-index.ts';
import { type BucketNames, DEFAULT_BUCKETS, openTables } from './tables/open-tables.ts';
import { REPORTS_BUCKET } from './tables/reports-table.ts';
import { VERSIONS_BUCKET } from './tables/table-version.ts';

/** Options of `openLmdbStore`. Exactly one of `path` and `env` must be given. */
export type LmdbStoreOptions = LmdbTableOptions &
  (
    | {
        /**
         * Path of the data file, which the store opens and closes. A missing file is created, and the lock file is next to
         * the data file. The directory must exist, unless `createDirectories` is set.
         */
        readonly path: string;
        readonly env?: undefined;
      }
    | {
        readonly path?: undefined;
        /**
         * Environment of the application, which stays open when the store closes. Open it with `openLmdbEnv`: the `open` of
         * lmdb can revert the latest commits of other processes.
         *
         * An environment that was not opened with `openLmdbEnv` must have `overlappingSync: false`, and none of the options
         * `noSync`, `noMetaSync`, `mapAsync` and `readOnly`. It should also have `eventTurnBatching: false`, so that a failed
         * commit cannot end the process.
         *
         * Do not open a store by `path` on the same file in the same thread: each store could wait forever for the writer
         * lock of the other store.
         *
         * @see {@link openLmdbEnv}
         */
        readonly env: RootDatabase;
      }
  );

/** Options of a store on LMDB, except its file. */
export interface LmdbTableOptions extends StoreOptions, FileOptions {
  /**
   * Name of the sub-database of events: not blank, at most 1977 bytes in UTF-8, and different from the other bucket names.
   *
   * @defaultValue 'events'
   */
  readonly eventsBucket?: string | undefined;
  /**
   * Name of the sub-database of checkpoints. The rules of `eventsBucket` apply.
   *
   * @defaultValue 'checkpoints'
   */
  readonly checkpointBucket?: string | undefined;
  /**
   * Name of the sub-database of dead letters. The rules of `eventsBucket` apply.
   *
   * @defaultValue 'deadLetters'
   */
  readonly deadLetterBucket?: string | undefined;
  /**
   * Name of the sub-database of leases. The rules of `eventsBucket` apply.
   *
   * @defaultValue 'leases'
   */
  readonly leaseBucket?: string | undefined;
}

/** Options with valid names and values, before the check that exactly one of `path` and `env` is given. */
type CheckedOptions = LmdbTableOptions & {
  readonly path?: string | undefined;
  readonly env?: RootDatabase | undefined;
};

/** Options of `open` of lmdb with which a commit can be acknowledged before it is on the disk, or no commit is possible. */
const NOT_DURABLE = ['overlappingSync', 'noSync', 'noMetaSync', 'mapAsync', 'readOnly'] as const;

/** Returns whether a value is an environment with durable commits. lmdb-js copies the options of `open` to the environment. */
const isDurable = (value: unknown): value is RootDatabase =>
  typeof value === 'object' &&
  value !== null &&
  'openDB' in value &&
  !NOT_DURABLE.some((name) => (value as Readonly<Record<string, unknown>>)[name]);

/** Names of the sub-databases that all logs of an environment share. No other sub-database can have one of these names. */
const RESERVED: readonly string[] = [VERSIONS_BUCKET, IDS_BUCKET, REPORTS_BUCKET];

/**
 * Codec of the name of a sub-database. LMDB ends a name at the first NUL, and lmdb-js encodes all lone surrogates alike.
 * Without this check, two different names could therefore refer to the same table.
 */
const bucketName = described(
  `well-formed text of at most 1977 bytes in UTF-8, without NUL, not blank, and not ${RESERVED.map((name) => `'${name}'`).join(' or ')}`,
  (value): value is string =>
    filledText.is(value) &&
    !RESERVED.includes(value) &&
    !/[\p{Surrogate}\0]/u.test(value) &&
    Buffer.byteLength(value) <= 1977,
);

const LmdbOptionsCodec = options("{ path: './events.lmdb' }", {
  ...storeOptionProps,
  path: filledText,
  env: described(
    'an lmdb environment opened with overlappingSync: false and without noSync, noMetaSync, mapAsync and readOnly',
    isDurable,
  ),
  eventsBucket: bucketName,
  checkpointBucket: bucketName,
  deadLetterBucket: bucketName,
  leaseBucket: bucketName,
  mode: fileMode,
  createDirectories: t.boolean,
});

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of an LMDB store', faults);
const invalidBackup = (faults: readonly Fault[]) => new InvalidOptionsError('arguments of backup', faults);

/** Returns the faults of options that contradict one another. */
function contradictions({
  path,
  env,
  eventsBucket,
  checkpointBucket,
  deadLetterBucket,
  leaseBucket,
}: CheckedOptions & BucketNames): Fault[] {
  const faults: Fault[] = [];
  if ((path === undefined) === (env === undefined)) {
    const received = path === undefined ? 'neither' : 'both';
    faults.push({ path: 'path', message: `must be given if and only if env is not; received ${received}` });
  }
  const names = [eventsBucket];
  for (const [option, name] of Object.entries({ checkpointBucket, deadLetterBucket, leaseBucket })) {
    if (names.includes(name)) {
      faults.push({ path: option, message: `must differ from the other bucket names; received '${name}'` });
    }
    names.push(name);
  }
  return faults;
}

function resolve(given: LmdbStoreOptions): CheckedOptions & BucketNames {
  const checked = check(LmdbOptionsCodec, given, invalid) as CheckedOptions;
  const resolved = {
    ...DEFAULT_BUCKETS,
    ...defined(checked),
  };
  const faults = contradictions(resolved);
  if (faults.length > 0) throw invalid(faults);
  return resolved;
}

function openEnv({ path, env, mode, createDirectories }: CheckedOptions, logger: Reporter): SharedEnv {
  if (env === undefined) {
    const open = (file: string) => openGuardedEnv({ path: file, mode, createDirectories }, logger);
    return shareEnv(path as string, open);
  }
  guardEnv(env, mode ?? PRIVATE, logger);
  return { env, release: async () => undefined };
}

function openLog(options: CheckedOptions & BucketNames): LmdbEventLog {
  const logger = reporterOf(options.logger);
  let opened: SharedEnv | undefined;
  try {
    opened = openEnv(options, logger);
    const { env, release } = opened;
    return createLmdbEventLog({
      env,
      ...openTables(env, options),
      logger,
      release,
    });
  } catch (cause) {
    void opened?.release();
    if (cause instanceof StoreError) throw cause;
    const store = options.path === undefined ? 'the store in env' : `the store '${options.path}'`;
    throw new StoreError(`cannot open ${store}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Opens a durable store in one file, or in an open LMDB environment of the application. If the call fails, an existing file
 * is not changed.
 *
 * Other processes and threads can have the file open at the same time.
 *
 * @throws InvalidOptionsError if options are not valid. The error lists all faults.
 * @throws StoreError if the directory of the file does not exist and `createDirectories` is not set.
 * @throws StoreError if the file cannot be opened, is not an LMDB file, or is damaged.
 * @throws StoreError if other processes have the file open and none answers within 10 s.
 * @see [Several processes on one file](../../../docs/guides/several-processes-on-one-file.md)
 * @see {@link openLmdbEnv}
 * @example
 * const store = openLmdbStore({ path: './events.lmdb' });
 * await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: { id: 'j1' } });
 * await store.close();
 */
export function openLmdbStore<C extends Codecs>(
  options: LmdbStoreOptions & { readonly codecs: C },
): LmdbEventStore<EventOf<C>>;
export function openLmdbStore<E extends Event = Event>(options: LmdbStoreOptions): LmdbEventStore<E>;
export function openLmdbStore(given: LmdbStoreOptions): LmdbEventStore {
  const resolved = resolve(given);
  const log = openLog(resolved);
  const { store, guard } = assembleStore(log, resolved);
  return {
    ...(store as TransactionalEventStore),
    async backup(path) {
      guard.assertOpen();
      check(t.type({ path: filledText }), { path }, invalidBackup);
      await log.backup(path, resolved);
    },
  };
}
