import { dirname } from 'node:path';
import * as t from 'io-ts';
import type * as lmdb from 'lmdb';
import { openAsClass, type RootDatabase } from 'lmdb';
import { type Fault, InvalidOptionsError, StoreError } from '../../../errors.ts';
import { processWarnings, type Reporter } from '../../../store/reporting/logger.ts';
import { check } from '../../../validation/check.ts';
import { options } from '../../../validation/options.ts';
import { filledText } from '../../../validation/types.ts';
import { removeLeftovers } from '../file/copy-directory.ts';
import { fileMode, PRIVATE } from '../file/file-mode.ts';
import { flushDirectorySync } from '../file/flush.ts';
import { type FileOptions, prepareDirectory } from './data-directory.ts';
import { dataFileOf } from './env-state.ts';
import { joinGate, type OpenGate, openThroughGate } from './open-gate.ts';
import { checkLmdbFile, prepareLmdbFile } from './prepare-lmdb-file.ts';
import { resolveDataFile } from './resolve-data-file.ts';

/** What a durable environment does not leave to choose; see docs/decisions/0001. */
const FIXED = {
  noSubdir: true,
  overlappingSync: false,
  eventTurnBatching: false,
  strictAsyncOrder: true,
} as const;

/**
 * Address space for the file, in bytes; it takes no memory. lmdb-js makes room by a new mapping when the file outgrows it, from
 * two threads without a lock if another process has written: that ends in a SIGSEGV. On Windows the file would be that large.
 */
const MAP_SIZE = process.platform === 'win32' ? {} : { mapSize: 2 ** 36 };

/** What would make commits less than durable, or an environment that cannot hold LMDB's lock for others. */
const REFUSED = ['noSync', 'noMetaSync', 'useWritemap', 'readOnly', 'noFSAccess', 'encryptionKey'] as const;

/** Options of an environment: those of lmdb's `open`, without those that decide on durability. */
export interface LmdbEnvOptions
  extends Omit<lmdb.RootDatabaseOptions, keyof typeof FIXED | (typeof REFUSED)[number] | 'name' | 'cache'>,
    FileOptions {
  /** Data file, created if it does not exist, with its lock file next to it. Its directory must exist. */
  readonly path: string;
}

/** Codecs of all options; the values of lmdb's are checked by lmdb. */
const optionProps = {
  path: filledText,
  mode: fileMode,
  createDirectories: t.boolean,
  compression: t.unknown,
  encoding: t.unknown,
  sharedStructuresKey: t.unknown,
  useVersions: t.unknown,
  keyEncoding: t.unknown,
  dupSort: t.unknown,
  maxDbs: t.unknown,
  commitDelay: t.unknown,
  mapSize: t.unknown,
  pageSize: t.unknown,
  separateFlushed: t.unknown,
  remapChunks: t.unknown,
  noMemInit: t.unknown,
  maxReaders: t.unknown,
  encoder: t.unknown,
  decoder: t.unknown,
  keyEncoder: t.unknown,
} satisfies Record<keyof LmdbEnvOptions, t.Mixed>;

const EnvOptionsCodec = options(
  "{ path: './app.lmdb' }",
  // In lmdb's documentation, but not in its types.
  { ...optionProps, noReadAhead: t.unknown, txnStartThreshold: t.unknown },
  { path: filledText },
);

/** Faults of options that decide on durability; they are not mistyped, whatever name is near. */
function undurable(given: unknown): readonly Fault[] {
  if (typeof given !== 'object' || given === null) return [];
  return [...Object.keys(FIXED), ...REFUSED]
    .filter((name) => name in given)
    .map((path) => ({ path, message: 'is not an option: commits must be durable' }));
}

const invalid = (faults: readonly Fault[]) =>
  new InvalidOptionsError('options of an LMDB environment', faults);

/** The environments that guard for other processes. */
const guarding = new WeakSet<RootDatabase>();

/** Has an environment guard until it is closed, by the store or by the application. */
function guard(env: RootDatabase, gate: OpenGate): void {
  const close = env.close.bind(env);
  const closeBoth = async () => {
    await close();
    await gate.leave();
  };
  let closed: Promise<void> | undefined;
  gate.guardWith(env);
  guarding.add(env);
  env.close = () => {
    closed ??= closeBoth();
    return closed;
  };
}

/** Opens an environment; see `openLmdbEnv`. */
export function openGuardedEnv(
  { mode = PRIVATE, createDirectories, ...given }: LmdbEnvOptions,
  logger: Reporter,
): RootDatabase {
  const path = resolveDataFile(given.path);
  const resolved = { ...given, path, permissionsMode: mode, ...FIXED };
  prepareDirectory(path, { mode, createDirectories });
  checkLmdbFile(path);
  removeLeftovers(dirname(path), logger);
  const openFile = (isAlone: boolean) => {
    if (isAlone) prepareLmdbFile(path, mode);
    else if (checkLmdbFile(path) !== 'whole') {
      throw new StoreError(
        `cannot open '${path}': it was removed or emptied while other processes have it open`,
      );
    }
    // The class alone: its first instance begins a transaction, and the guard has the lock of writers until then.
    return openAsClass({ ...MAP_SIZE, ...resolved }) as unknown as new (
      name: null,
      options: object,
    ) => RootDatabase;
  };
  const { opened: Root, isDoubtful, gate } = openThroughGate(path, openFile, mode, logger);
  let env: RootDatabase;
  try {
    env = new Root(null, { ...resolved, isRoot: true });
  } catch (error) {
    // Other processes must not wait for an answer of this one.
    void gate.leave();
    throw error;
  }
  guard(env, gate);
  if (!isDoubtful) return env;
  void env.close();
  throw new StoreError(
    `cannot open '${path}': the process that kept others from writing meanwhile has ended; open it again`,
  );
}

/** Has the environment of an application guard for other processes from now on. */
export function guardEnv(env: RootDatabase, mode: number, logger: Reporter): void {
  if (guarding.has(env)) return;
  const dataFile = dataFileOf(env);
  // Events must not be acknowledged in a file whose name a loss of power removes.
  flushDirectorySync(dirname(dataFile));
  const { gate, hasOthers } = joinGate(dataFile, mode, logger);
  guard(env, gate);
  if (!hasOthers) return;
  logger.warn(
    `the environment '${dataFile}' was opened with lmdb's open() while other processes had it open: what they had just committed may be lost. Open it with openLmdbEnv`,
    'RX_WATCHER_UNGUARDED_ENV',
  );
}

/**
 * Opens a durable LMDB environment for an application that keeps its own tables next to the events.
 *
 * Other processes may have the file open, and write to it: none of their commits is lost. (A commit can be lost
 * if one of the processes opens the file with lmdb's own `open`.) The call blocks until one of them has answered, a few milliseconds as a rule.
 *
 * @throws InvalidOptionsError if `path` is missing, the name of an option is unknown, or an option would make commits less than durable.
 * @throws StoreError if the directory of the file does not exist, and `createDirectories` is not set.
 * @throws StoreError if the file cannot be opened, is not an LMDB file, or is damaged; it is left as it is.
 * @throws StoreError if other processes have the file open and none answers within 10 s.
 * @see the guide "Several processes on one file"
 * @example
 * const env = openLmdbEnv({ path: './app.lmdb', maxDbs: 20 });
 * const orders = env.openDB({ name: 'orders' });
 * const store = openLmdbStore({ env });
 */
export function openLmdbEnv(given: LmdbEnvOptions): RootDatabase {
  const faults = undurable(given);
  if (faults.length > 0) throw invalid(faults);
  const checked = check(EnvOptionsCodec, given, invalid) as LmdbEnvOptions;
  try {
    return openGuardedEnv(checked, processWarnings);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot open '${checked.path}': ${(cause as Error).message}`, { cause });
  }
}
