import { link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from '../../errors.ts';

/** The copy is made beside its place, and put there when it is whole; never where there is a file. */
async function copyBeside(env: RootDatabase, path: string): Promise<void> {
  const { noSubdir } = env as RootDatabase & { readonly noSubdir: boolean };
  await mkdir(dirname(path), { recursive: true });
  const directory = await mkdtemp(join(dirname(path), '.rx-watcher-'));
  const copy = join(directory, 'data.mdb');
  try {
    // An environment in a directory is copied into a directory.
    await env.backup(noSubdir ? copy : directory, true);
    await link(copy, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Copies an environment to a data file, as it is at this moment and without its free pages.
 *
 * @throws StoreError if there is a file already, or the copy cannot be written: there is none then.
 */
export async function copyEnv(env: RootDatabase, path: string): Promise<void> {
  try {
    await copyBeside(env, path);
  } catch (cause) {
    throw new StoreError(`cannot copy the store to '${path}': ${(cause as Error).message}`, { cause });
  }
}
