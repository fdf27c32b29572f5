import { join, resolve } from 'node:path';
import type { RootDatabase } from 'lmdb';

/** Fields of an environment that the types of lmdb-js do not declare. */
interface EnvState {
  readonly path: string;
  readonly noSubdir: boolean;
  readonly status: string;
  readonly env: { readonly writeTxn: unknown };
}

const stateOf = (env: RootDatabase) => env as RootDatabase & EnvState;

/** Returns the absolute path of the data file of an environment in a file or in a directory. */
export function dataFileOf(env: RootDatabase): string {
  const { path, noSubdir } = stateOf(env);
  return resolve(noSubdir ? path : join(path, 'data.mdb'));
}

/** Returns the absolute path of the lock file of an environment in a file or in a directory. */
export function lockFileOf(env: RootDatabase): string {
  const { path, noSubdir } = stateOf(env);
  return resolve(noSubdir ? `${path}-lock` : join(path, 'lock.mdb'));
}

/** Returns whether an environment is open. lmdb-js crashes the process on a write to a closed environment. */
export const isOpen = (env: RootDatabase): boolean => stateOf(env).status === 'open';

/** Returns whether this thread is inside a write transaction of an environment. */
export const isInTransaction = (env: RootDatabase): boolean => Boolean(stateOf(env).env.writeTxn);
