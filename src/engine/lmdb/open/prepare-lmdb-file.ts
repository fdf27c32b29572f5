import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { devNull } from 'node:os';
import { dirname } from 'node:path';
import { StoreError } from '../../../errors.ts';
import { flushDirectorySync } from '../file/flush.ts';
import { type LmdbFileState, lmdbFileState } from '../file/inspect-lmdb-file.ts';

/** Number of files that LMDB has open at most while it opens a data file. */
const FILES_AT_ONCE = 4;

/** Size of a lock file with room for 126 readers, in bytes. */
const LOCK_BYTES = 8272;

/** Room for the two meta pages that LMDB begins a data file with, in bytes, if its pages are as large as they can be. */
const META_BYTES = 2 * 65_536;

/** Path of the lock file of a data file. */
const lockFileOf = (path: string): string => `${path}-lock`;

function fail(what: string, cause: unknown): never {
  if (cause instanceof StoreError) throw cause;
  throw new StoreError(`${what}: ${(cause as Error).message}`, { cause });
}

/** Checks that the file is readable and writable or, if it is missing, that it can be created. */
function checkWritable(path: string, mode = constants.R_OK | constants.W_OK): void {
  try {
    accessSync(path, mode);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw cause;
    checkWritable(dirname(path), constants.W_OK | constants.X_OK);
  }
}

function checkLockFile(path: string): void {
  const lock = lockFileOf(path);
  try {
    const stats = statSync(lock, { throwIfNoEntry: false });
    const isFile = stats ? stats.isFile() : lstatSync(lock, { throwIfNoEntry: false }) === undefined;
    if (!isFile) throw new Error('it is not a file; remove it');
    checkWritable(lock);
  } catch (cause) {
    fail(`cannot use the lock file '${lock}'`, cause);
  }
}

function checkDescriptors(path: string): void {
  const opened: number[] = [];
  try {
    while (opened.length < FILES_AT_ONCE) opened.push(openSync(devNull, 'r'));
  } catch (cause) {
    fail(`cannot open '${path}'`, cause);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/**
 * Checks by plain reads everything that LMDB would crash on when it opens a data file: the content of the file, access
 * to it and to its lock file, and free file descriptors. Nothing is opened but the data file, so that the locks of a
 * process that has the environment open are kept: the system drops them when any descriptor of the lock file is closed.
 *
 * @param path - Data file, as {@link resolveDataFile} returns it; it may be missing.
 * @returns State of the file. LMDB must not open a torn one before {@link prepareLmdbFile}.
 * @throws {@link StoreError} if LMDB cannot open the file. The message says why, and what to do; nothing is changed.
 */
export function checkLmdbFile(path: string): LmdbFileState {
  const state = lmdbFileState(path);
  try {
    checkWritable(path);
  } catch (cause) {
    fail(`cannot write to '${path}'`, cause);
  }
  checkLockFile(path);
  checkDescriptors(path);
  return state;
}

/** Path of the file that shows whether there is room. */
const probeOf = (path: string): string => `${path}-room`;

/** LMDB fills the lock file and the first pages through memory: a full disk would be a signal instead of an error. */
function checkRoom(path: string, bytes: number, mode: number): void {
  const probe = probeOf(path);
  try {
    writeFileSync(probe, Buffer.alloc(bytes), { mode });
  } catch (cause) {
    fail(`cannot open '${path}': there is no room for ${bytes} bytes; free some`, cause);
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Prepares a data file, which {@link checkLmdbFile} has accepted, for its first opening: begins a file again whose
 * creation was interrupted, checks that there is room for what LMDB creates, and creates the file, empty. Its name is
 * flushed to the disk, even if it exists: the process that created it may have been killed before its flush.
 *
 * Call it only while no process has the file open, this one included, and none can open it.
 *
 * @param path - Data file, as {@link resolveDataFile} returns it; it may be missing.
 * @param mode - Permissions of a file that is created.
 * @throws {@link StoreError} if the file cannot be written, or there is no room.
 */
export function prepareLmdbFile(path: string, mode: number): void {
  try {
    rmSync(probeOf(path), { force: true }); // of a process that was killed
    const state = lmdbFileState(path);
    if (state === 'torn') truncateSync(path);
    const hasLock = (statSync(lockFileOf(path), { throwIfNoEntry: false })?.blocks ?? 0) > 0;
    const bytes = (hasLock ? 0 : LOCK_BYTES) + (state === 'whole' ? 0 : META_BYTES);
    if (bytes > 0) checkRoom(path, bytes, mode);
    if (state === 'new') writeFileSync(path, '', { flag: 'a', mode });
    flushDirectorySync(dirname(path));
  } catch (cause) {
    fail(`cannot prepare '${path}'`, cause);
  }
}
