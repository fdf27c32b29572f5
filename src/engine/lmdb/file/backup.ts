import { lstatSync } from 'node:fs';
import { chmod, link, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../../errors.ts';
import type { Logger } from '../../../store/reporting/logger.ts';
import { type FileOptions, prepareDirectory } from '../open/data-directory.ts';
import { COPY_NAME, createCopyDirectory, removeLeftovers } from './copy-directory.ts';
import { PRIVATE } from './file-mode.ts';
import { flushDirectory, flushFile } from './flush.ts';

const taken = () =>
  new StoreError(
    'the path must not exist, because a backup replaces no file; remove it or choose another path',
  );

/** Links a complete and flushed copy to its final name. Unlike a rename, a link never replaces a file. */
async function publish(copy: string, path: string): Promise<void> {
  try {
    await link(copy, path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? taken() : error;
  }
  try {
    await flushDirectory(dirname(path));
  } catch (error) {
    await rm(path);
    throw error;
  }
}

/** Writes the copy to a directory next to its destination, and then links the copy to its final name. */
async function writeCopy(env: RootDatabase, path: string, mode: number): Promise<void> {
  const { noSubdir } = env as RootDatabase & { readonly noSubdir: boolean };
  const directory = await createCopyDirectory(path);
  const copy = join(directory, COPY_NAME);
  try {
    // LMDB copies an environment in a directory only to a directory, and an environment in a file only to a file.
    await env.backup(noSubdir ? copy : directory, true);
    // LMDB creates the copy with permissions for all users, minus the umask. Restrict them to `mode`.
    await chmod(copy, (await stat(copy)).mode & mode);
    await flushFile(copy);
    await publish(copy, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Returns the message of an error. Omits the paths that Node.js adds to a system error, because the caller does not know the
 * temporary directory of the copy.
 */
function messageWithoutPaths(error: unknown): string {
  const { message, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? message : (message.split(`, ${syscall}`, 1)[0] as string);
}

/**
 * Copies a snapshot of an environment, without free pages, to a new data file. Resolves when the file and its name are
 * flushed to the disk. If the backup fails, no file is created.
 *
 * @param logger - Receives a warning if the remains of an interrupted backup cannot be removed.
 * @throws {@link StoreError} if the file exists.
 * @throws {@link StoreError} if its directory does not exist and `createDirectories` is not set.
 * @throws {@link StoreError} if the copy cannot be written.
 */
export async function backupEnv(
  env: RootDatabase,
  path: string,
  options: FileOptions,
  logger: Logger,
): Promise<void> {
  const file = resolve(path);
  try {
    prepareDirectory(file, options);
    // Check before the copy that no file has this path, to save the time and the space of the copy. A file that appears
    // later is detected when the copy is linked.
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw taken();
    removeLeftovers(dirname(file), logger);
    await writeCopy(env, file, options.mode ?? PRIVATE);
  } catch (cause) {
    throw new StoreError(`cannot back up the store to '${path}': ${messageWithoutPaths(cause)}`, { cause });
  }
}
