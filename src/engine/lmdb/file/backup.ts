import { chmod, link, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../../errors.ts';
import type { Logger } from '../../../store/reporting/logger.ts';
import { type FileOptions, prepareDirectory } from '../open/data-directory.ts';
import { COPY_NAME, createCopyDirectory, removeLeftovers } from './copy-directory.ts';
import { PRIVATE } from './file-mode.ts';
import { flushDirectory, flushFile } from './flush.ts';

/** Gives a complete and flushed copy its name: a link never replaces a file. */
async function publish(copy: string, path: string): Promise<void> {
  await link(copy, path);
  try {
    await flushDirectory(dirname(path));
  } catch (error) {
    await rm(path);
    throw error;
  }
}

/** Writes the copy next to its destination. */
async function copyBeside(env: RootDatabase, path: string, mode: number): Promise<void> {
  const { noSubdir } = env as RootDatabase & { readonly noSubdir: boolean };
  const directory = await createCopyDirectory(path);
  const copy = join(directory, COPY_NAME);
  try {
    // An environment in a directory is copied into a directory.
    await env.backup(noSubdir ? copy : directory, true);
    // LMDB creates it for all users, and the umask has been applied to that.
    await chmod(copy, (await stat(copy)).mode & mode);
    await flushFile(copy);
    await publish(copy, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Copies an environment to a data file, as it is at this moment and without its free pages. Resolves when the file and
 * its name are flushed to the disk.
 *
 * @param logger - Logger for the remains of earlier copies that cannot be removed.
 * @throws {@link StoreError} if the file exists, its directory does not, or the copy cannot be written; no file is created then.
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
    removeLeftovers(dirname(file), logger);
    await copyBeside(env, file, options.mode ?? PRIVATE);
  } catch (cause) {
    throw new StoreError(`cannot copy the store to '${path}': ${(cause as Error).message}`, { cause });
  }
}
