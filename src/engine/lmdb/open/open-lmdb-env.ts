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

/** Fixed options of a durable environment; see docs/decisions/0001. */
const FIXED = {
  noSubdir: true,
  overlappingSync: false,
  eventTurnBatching: false,
  strictAsyncOrder: true,
} as const;

/**
 * Size of the address space for the file, in bytes: 64 GiB. Address space alone uses no memory.
 *
 * If the file outgrows its address space, lmdb-js maps the file again. If another process has written in the meantime, two
 * threads map the file at the same time without a lock, and the process crashes. A large address space avoids this crash. On
 * Windows, the file itself would get this size, so the default of lmdb-js applies there.
 */
export const MAP_SIZE = process.platform === 'win32' ? {} : { mapSize: 2 ** 36 };

const NOT_DURABLE = 'commits must be durable';

/** Options of lmdb that an application cannot set, with the reason. They include all options of `FIXED`. */
const REJECTED = {
  noSubdir: 'path must be the path of the data file',
  overlappingSync: NOT_DURABLE,
  eventTurnBatching: 'a failed commit must reject only the writes of its transaction',
  strictAsyncOrder: 'writes must be committed in the order of their calls',
  noSync: NOT_DURABLE,
  noMetaSync: NOT_DURABLE,
  useWritemap: NOT_DURABLE,
  readOnly: 'a store must be able to write',
  noFSAccess: 'backup must be able to write a file',
  encryptionKey: 'the file must be readable for its inspection before it is opened',
} satisfies Readonly<Record<keyof typeof FIXED, string> & Record<string, string>>;

/** Options of `openLmdbEnv`: the options of `open` of lmdb, without the options that `openLmdbEnv` sets or rejects. */
export interface LmdbEnvOptions
  extends Omit<lmdb.RootDatabaseOptions, keyof typeof REJECTED | 'name' | 'cache'>,
    FileOptions {
  /**
   * Path of the data file. A missing file is created, and the lock file is next to the data file. The directory must exist,
   * unless `createDirectories` is set.
   */
  readonly path: string;
}

/** Codecs of all options. Values of the options of lmdb are not checked here, because lmdb checks them. */
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
  // These options are in the documentation of lmdb, but not in its types.
  { ...optionProps, noReadAhead: t.unknown, txnStartThreshold: t.unknown },
  { path: filledText },
);

/** Returns faults for the rejected options of lmdb, so that they are not reported as unknown names. */
function rejectedFaults(given: unknown): readonly Fault[] {
  if (typeof given !== 'object' || given === null) return [];
  return Object.entries(REJECTED)
    .filter(([name]) => name in given)
    .map(([path, reason]) => ({ path, message: `is not an option: ${reason}` }));
}

const invalid = (faults: readonly Fault[]) =>
  new InvalidOptionsError('options of an LMDB environment', faults);

/** Environments that are guards for other processes. */
const guards = new WeakSet<RootDatabase>();

/** Makes an environment a guard until the store or the application closes it. */
function guardUntilClose(env: RootDatabase, gate: OpenGate): void {
  const close = env.close.bind(env);
  const closeBoth = async () => {
    await close();
    await gate.leave();
  };
  let closed: Promise<void> | undefined;
  gate.guardWith(env);
  guards.add(env);
  env.close = () => {
    closed ??= closeBoth();
    return closed;
  };
}

/**
 * Opens an environment that is a guard for other processes. Unlike `openLmdbEnv`, does not check the options.
 *
 * @see {@link openLmdbEnv}
 */
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
        `cannot open '${path}': it was removed or emptied while other processes have it open; close it in every process, then reopen it`,
      );
    }
    // Do not create an instance of the class here. The constructor begins a transaction, and the guard still holds the
    // writer lock.
    return openAsClass({ ...MAP_SIZE, ...resolved }) as unknown as new (
      name: null,
      options: object,
    ) => RootDatabase;
  };
  const { opened: Root, mayHaveLostCommit, gate } = openThroughGate(path, openFile, mode, logger);
  let env: RootDatabase;
  try {
    env = new Root(null, { ...resolved, isRoot: true });
  } catch (error) {
    // Leave the gate, so that other processes do not wait for an answer of this process.
    void gate.leave();
    throw error;
  }
  guardUntilClose(env, gate);
  if (!mayHaveLostCommit) return env;
  void env.close();
  throw new StoreError(
    `cannot open '${path}': the process that held the writer lock has ended during the opening; open it again`,
  );
}

/** Makes the environment of an application a guard for other processes, unless it is already a guard. */
export function guardEnv(env: RootDatabase, mode: number, logger: Reporter): void {
  if (guards.has(env)) return;
  const dataFile = dataFileOf(env);
  // Flush the name of the file. Otherwise, a power failure could remove a file with acknowledged events.
  flushDirectorySync(dirname(dataFile));
  const { gate, hasOthers } = joinGate(dataFile, mode, logger);
  guardUntilClose(env, gate);
  if (!hasOthers) return;
  logger.warn(
    `the environment '${dataFile}' was opened with lmdb's open() while other processes had it open; their latest commits may be lost. Open it with openLmdbEnv`,
    'RX_WATCHER_UNGUARDED_ENV',
  );
}

/**
 * Opens a durable LMDB environment for an application that stores its own tables next to the events.
 *
 * Other processes can have the file open and write to it. None of their commits is lost, unless one of the processes opens
 * the file with `open` of lmdb. The call blocks until one of these processes has answered, usually for a few milliseconds.
 * If the call fails, an existing file is not changed.
 *
 * @throws InvalidOptionsError if `path` is missing or an option is unknown.
 * @throws InvalidOptionsError if an option of lmdb is not supported, for example `noSync` or `readOnly`.
 * @throws StoreError if the directory of the file does not exist and `createDirectories` is not set.
 * @throws StoreError if the file cannot be opened, is not an LMDB file, or is damaged.
 * @throws StoreError if other processes have the file open and none answers within 10 s.
 * @see [Several processes on one file](../../../../docs/guides/several-processes-on-one-file.md)
 * @see {@link openLmdbStore}
 * @example
 * const env = openLmdbEnv({ path: './app.lmdb', maxDbs: 20 });
 * const orders = env.openDB({ name: 'orders' });
 * const store = openLmdbStore({ env });
 */
export function openLmdbEnv(given: LmdbEnvOptions): RootDatabase {
  const faults = rejectedFaults(given);
  if (faults.length > 0) throw invalid(faults);
  const checked = check(EnvOptionsCodec, given, invalid) as LmdbEnvOptions;
  try {
    return openGuardedEnv(checked, processWarnings);
  } catch (cause) {
    if (cause instanceof StoreError) throw cause;
    throw new StoreError(`cannot open '${checked.path}': ${(cause as Error).message}`, { cause });
  }
}
