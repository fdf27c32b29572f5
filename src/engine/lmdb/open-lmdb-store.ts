import * as t from 'io-ts';
import type { RootDatabase } from 'lmdb';
import { type Fault, InvalidOptionsError, InvalidRequestError, StoreError } from '../../errors.ts';
import type { Event } from '../../event/event.ts';
import { assembleStore } from '../../store/create-event-store.ts';
import { type Reporter, reporterOf } from '../../store/reporting/logger.ts';
import type { Codecs, EventOf } from '../../store/serialization/codec-serializer.ts';
import { type StoreOptions, storeOptionProps } from '../../store/store-options.ts';
import { check } from '../../validation/check.ts';
import { defined, options } from '../../validation/options.ts';
import { described, filledText, fn } from '../../validation/types.ts';
import { fileMode, PRIVATE } from './file/file-mode.ts';
import { createLmdbEventLog, type LmdbEventLog } from './lmdb-event-log.ts';
import type { LmdbEventStore } from './lmdb-event-store.ts';
import type { FileOptions } from './open/data-directory.ts';
import { guardEnv, openGuardedEnv } from './open/open-lmdb-env.ts';
import { type SharedEnv, shareEnv } from './open/shared-env.ts';
import { openVersions, VERSIONS_BUCKET } from './tables/table-version.ts';

/** Options of a store on LMDB: its own file, `path`, or the application's environment, `env`; and the rest. */
export type LmdbStoreOptions = LmdbTableOptions &
  (
    | {
        /**
         * Data file, created if it does not exist, with its lock file next to it. Its directory must exist. The store opens and
         * closes the file.
         */
        readonly path: string;
        readonly env?: undefined;
      }
    | {
        readonly path?: undefined;
        /**
         * Environment of the application, which stays open when the store closes. Open it with `openLmdbEnv`: a plain
         * `open` of lmdb can take back what other processes have just committed. An environment from elsewhere must have
         * `overlappingSync: false`, and should have `eventTurnBatching: false`: with it, a commit that fails cannot end the
         * process. Do not open a store by `path` on its file in the same thread: each could wait for the other's lock of
         * writers without end.
         */
        readonly env: RootDatabase;
      }
  );

/** Options of a store on LMDB but for its file. */
export interface LmdbTableOptions extends StoreOptions, FileOptions {
  /** The name of the sub-database of events. Default `'events'`. */
  readonly eventsBucket?: string | undefined;
  /** The name of the sub-database of checkpoints. Default `'checkpoints'`. */
  readonly checkpointBucket?: string | undefined;
  /** The name of the sub-database of dead letters. Default `'deadLetters'`. */
  readonly deadLetterBucket?: string | undefined;
  /** The name of the sub-database of leases. Default `'leases'`. */
  readonly leaseBucket?: string | undefined;
}

/** Options whose names and values are checked, but not yet that either `path` or `env` is given. */
type CheckedOptions = LmdbTableOptions & {
  readonly path?: string | undefined;
  readonly env?: RootDatabase | undefined;
};

type Buckets = Required<{
  [B in 'eventsBucket' | 'checkpointBucket' | 'deadLetterBucket' | 'leaseBucket']: string;
}>;

/** What lmdb-js keeps of the options that an environment was opened with; its types do not tell. */
const isDurable = (value: unknown): value is RootDatabase =>
  typeof value === 'object' &&
  value !== null &&
  'openDB' in value &&
  !('overlappingSync' in value && value.overlappingSync);

/** LMDB ends a name at its first NUL, and lmdb-js writes one surrogate as any other: two tables would become one. */
const bucketName = described(
  `well-formed text of at most 1977 bytes in UTF-8, without NUL, not blank, and not '${VERSIONS_BUCKET}'`,
  (value): value is string =>
    filledText.is(value) &&
    value !== VERSIONS_BUCKET &&
    !/[\p{Surrogate}\0]/u.test(value) &&
    Buffer.byteLength(value) <= 1977,
);

const LmdbOptionsCodec = options("{ path: './events.lmdb' }", {
  ...storeOptionProps,
  path: filledText,
  env: described('an lmdb environment opened with overlappingSync: false', isDurable),
  eventsBucket: bucketName,
  checkpointBucket: bucketName,
  deadLetterBucket: bucketName,
  leaseBucket: bucketName,
  mode: fileMode,
  createDirectories: t.boolean,
});

const invalid = (faults: readonly Fault[]) => new InvalidOptionsError('options of an LMDB store', faults);

/** What must be told of the options together. */
function contradictions({
  path,
  env,
  eventsBucket,
  checkpointBucket,
  deadLetterBucket,
  leaseBucket,
}: CheckedOptions & Buckets): Fault[] {
  const faults: Fault[] = [];
  if ((path === undefined) === (env === undefined))
    faults.push({ path: 'path', message: 'expected either path or env' });
  if (eventsBucket === checkpointBucket) {
    faults.push({
      path: 'checkpointBucket',
      message: `expected another name than the events', '${eventsBucket}'`,
    });
  }
  if (deadLetterBucket === eventsBucket || deadLetterBucket === checkpointBucket) {
    const message = `expected another name than the others', '${deadLetterBucket}'`;
    faults.push({ path: 'deadLetterBucket', message });
  }
  if ([eventsBucket, checkpointBucket, deadLetterBucket].includes(leaseBucket)) {
    const message = `expected another name than the others', '${leaseBucket}'`;
    faults.push({ path: 'leaseBucket', message });
  }
  return faults;
}

function resolve(given: LmdbStoreOptions): CheckedOptions & Buckets {
  const checked = check(LmdbOptionsCodec, given, invalid) as CheckedOptions;
  const resolved = {
    eventsBucket: 'events',
    checkpointBucket: 'checkpoints',
    deadLetterBucket: 'deadLetters',
    leaseBucket: 'leases',
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

function openLog(options: CheckedOptions & Buckets): LmdbEventLog {
  const { path, eventsBucket, checkpointBucket, deadLetterBucket, leaseBucket } = options;
  const logger = reporterOf(options.logger);
  let opened: SharedEnv | undefined;
  try {
    opened = openEnv(options, logger);
    const { env, release } = opened;
    return createLmdbEventLog({
      env,
      events: env.openDB<Buffer, number>({ name: eventsBucket, encoding: 'binary' }),
      eventsBucket,
      versions: openVersions(env),
      checkpointTable: env.openDB<number, string>({ name: checkpointBucket, encoding: 'json' }),
      checkpointBucket,
      letterTable: env.openDB<Buffer, Buffer>({
        name: deadLetterBucket,
        encoding: 'binary',
        keyEncoding: 'binary',
      }),
      leaseTable: env.openDB({ name: leaseBucket, encoding: 'json' }),
      leaseBucket,
      logger,
      release,
    });
  } catch (cause) {
    void opened?.release();
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot open the store '${path ?? 'in env'}': ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Opens a durable store in one file, or in an LMDB environment that the application has open.
 *
 * @throws InvalidOptionsError with every fault at once.
 * @throws StoreError if the directory of the file does not exist, and `createDirectories` is not set.
 * @throws StoreError if the file cannot be opened, or is not an LMDB file, or is cut short; it is left as it is.
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
  const { store, guard, writer } = assembleStore(log, resolved);
  return {
    ...store,
    async transaction(work) {
      guard.assertOpen();
      check(t.type({ work: fn }), { work }, (faults) => new InvalidRequestError(faults));
      return log.transact((append) => work((request) => writer.storeWithin(request, append)));
    },
    async backup(path) {
      guard.assertOpen();
      check(t.type({ path: filledText }), { path }, invalid);
      await log.backup(path, resolved);
    },
  };
}
