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

/** Maximum number of file descriptors that LMDB uses at the same time while it opens a data file. */
const MAX_OPEN_FILES = 4;

/** Size of a lock file for 126 readers, the default of LMDB, in bytes. */
const LOCK_BYTES = 8272;

/** Size of the two meta pages of a new data file with the maximum page size, in bytes. */
const META_BYTES = 2 * 65_536;

const lockFileOf = (path: string): string => `${path}-lock`;

function fail(message: string, cause: unknown): never {
  if (cause instanceof StoreError) throw cause;
  throw new StoreError(`${message}: ${(cause as Error).message}`, { cause });
}

/** Checks that the file is readable and writable. If it is missing, checks that it can be created. */
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
    while (opened.length < MAX_OPEN_FILES) opened.push(openSync(devNull, 'r'));
  } catch (cause) {
    fail(`cannot open '${path}'`, cause);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/**
 * Checks, by plain reads, the conditions under which LMDB would crash when it opens a data file. These conditions are the
 * content of the file, access to the file and to its lock file, and free file descriptors. Nothing is changed.
 *
 * The lock file is not opened, because the system would release all locks of this process on the lock file when a descriptor
 * of that file is closed.
 *
 * @param path - Data file, as {@link resolveDataFile} returns it. It may be missing.
 * @returns State of the file. LMDB must not open a file in the state `torn` before {@link prepareLmdbFile} has emptied it.
 * @throws {@link StoreError} if LMDB cannot open the file. The message contains the reason and the advice.
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

/** Returns the path of a temporary file that tests whether the disk has free space. */
const probeOf = (path: string): string => `${path}-room`;

/**
 * Checks that the disk has room for `bytes` bytes. LMDB writes the first pages through mapped memory, where a full disk
 * raises a signal that ends the process.
 */
function checkFreeSpace(path: string, bytes: number, mode: number): void {
  const probe = probeOf(path);
  try {
    writeFileSync(probe, Buffer.alloc(bytes), { mode });
  } catch (cause) {
    fail(`cannot open '${path}': the disk has no room for ${bytes} bytes; free some space`, cause);
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Prepares a data file, which {@link checkLmdbFile} has accepted, before the first process opens it. Empties a file with an
 * interrupted creation, checks that the disk has space for the files that LMDB creates, and creates a missing file.
 *
 * The name of an existing file is flushed, too, because the process that created the file may have been killed before it
 * flushed the name.
 *
 * Must be called only while no process, including this one, has the file open or can open it.
 *
 * @param path - Data file, as {@link resolveDataFile} returns it. It may be missing.
 * @param mode - Permissions of a created file.
 * @throws {@link StoreError} if the file cannot be written.
 * @throws {@link StoreError} if the disk has no free space.
 */
export function prepareLmdbFile(path: string, mode: number): void {
  try {
    rmSync(probeOf(path), { force: true }); // a killed process may have left this file
    const state = lmdbFileState(path);
    if (state === 'torn') truncateSync(path);
    const hasLock = (statSync(lockFileOf(path), { throwIfNoEntry: false })?.blocks ?? 0) > 0;
    const bytes = (hasLock ? 0 : LOCK_BYTES) + (state === 'whole' ? 0 : META_BYTES);
    if (bytes > 0) checkFreeSpace(path, bytes, mode);
    if (state === 'new') writeFileSync(path, '', { flag: 'a', mode });
    flushDirectorySync(dirname(path));
  } catch (cause) {
    fail(`cannot prepare '${path}'`, cause);
  }
}
