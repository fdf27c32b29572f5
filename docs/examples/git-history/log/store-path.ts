import { createHash } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import type { Repository } from '../git/repository.ts';

/** Where the store of a repository is unless the user says: under the current directory, one for each repository. */
export function storePath({ gitDirectory }: Repository): string {
  const name = basename(gitDirectory.replace(/\/\.git$/, '')).replace(/[^\w.-]/g, '_');
  const digest = createHash('sha256').update(gitDirectory).digest('hex');
  return resolve(join('.rx-watcher-demo', `${name.slice(0, 60)}-${digest.slice(0, 8)}.lmdb`));
}
