import { readdirSync, type Stats, statSync } from 'node:fs';
import { chmod, link, mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../errors.ts';
import { type FileOptions, prepareDirectory } from './data-directory.ts';
import { PRIVATE } from './file-mode.ts';

/** Prefix of the directory, next to the destination, that a copy is written in. */
const COPY_PREFIX = '.rx-watcher-';
const COPY_NAME = 'data.mdb';

/** Writes the copy next to its destination and links it there when it is complete: a link never replaces a file. */
async function copyBeside(env: RootDatabase, path: string, options: FileOptions): Promise<void> {
  const { noSubdir } = env as RootDatabase & { readonly noSubdir: boolean };
  prepareDirectory(path, options);
  const directory = await mkdtemp(join(dirname(path), COPY_PREFIX));
  const copy = join(directory, COPY_NAME);
  try {
    // An environment in a directory is copied into a directory.
    await env.backup(noSubdir ? copy : directory, true);
    // LMDB creates it for all users, and the umask has been applied to that.
    await chmod(copy, (await stat(copy)).mode & (options.mode ?? PRIVATE));
    await link(copy, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Returns how many of a file's hard links are in the temporary directories of {@link copyEnv}: one for a moment after
 * the copy, and for good if the process that copied was killed in that moment. No process opens such a link.
 */
export function countCopyLinks(path: string, { dev, ino }: Stats): number {
  const directory = dirname(path);
  const copies = readdirSync(directory).filter((name) => name.startsWith(COPY_PREFIX));
  return copies.filter((name) => {
    const stats = statSync(join(directory, name, COPY_NAME), { throwIfNoEntry: false });
    return stats?.dev === dev && stats.ino === ino;
  }).length;
}

/**
 * Copies an environment to a data file, as it is at this moment and without its free pages.
 *
 * @throws {@link StoreError} if the file exists, its directory does not, or the copy cannot be written; no file is created then.
 */
export async function copyEnv(env: RootDatabase, path: string, options: FileOptions): Promise<void> {
  try {
    await copyBeside(env, resolve(path), options);
  } catch (cause) {
    throw new StoreError(`cannot copy the store to '${path}': ${(cause as Error).message}`, { cause });
  }
}
