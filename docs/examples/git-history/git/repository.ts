import { resolve } from 'node:path';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';
import { askGit } from './ask-git.ts';

export interface Repository {
  /** The directory git is started in. */
  readonly directory: string;
  /** Where git keeps the repository itself: what tells one repository from another on this machine. */
  readonly gitDirectory: string;
  /** The hash of the commit that HEAD stands at, whether on a branch or detached. */
  readonly head: string;
}

/**
 * Finds the repository that holds a path.
 *
 * @throws {@link DemoError} if there is none, or it has no commit yet, or git is not installed.
 */
export async function openRepository(path: string): Promise<Repository> {
  const directory = resolve(path);
  const shown = printable(directory);
  const place = await askGit(directory, 'rev-parse', '--absolute-git-dir');
  if (place.code !== 0) {
    throw new DemoError(
      `${shown} is no git repository that can be read; name another with --repo (git says: ${place.complaint})`,
    );
  }
  const head = await askGit(directory, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head.code !== 0)
    throw new DemoError(`${shown} has no commits; commit something, or name another with --repo`);
  return { directory, gitDirectory: place.text, head: head.text };
}
