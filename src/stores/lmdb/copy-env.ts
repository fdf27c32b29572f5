import { link, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../errors.ts';

/** An environment in a directory is copied into a directory: its data file is what we want, where there is none yet. */
async function copyFromDirectory(env: RootDatabase, path: string): Promise<void> {
  const directory = await mkdtemp(join(dirname(path), '.rx-watcher-'));
  try {
    await env.backup(directory, true);
    await link(join(directory, 'data.mdb'), path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Copies an environment to a data file, as it is at this moment and without its free pages.
 *
 * @throws StoreError if there is a file already, or the copy cannot be written.
 */
export async function copyEnv(env: RootDatabase, path: string): Promise<void> {
  const { noSubdir } = env as RootDatabase & { readonly noSubdir: boolean };
  try {
    await (noSubdir ? env.backup(path, true) : copyFromDirectory(env, path));
  } catch (cause) {
    throw new StoreError(`cannot copy the store to '${path}': ${(cause as Error).message}`, { cause });
  }
}
