import { askGit } from './ask-git.ts';
import type { Repository } from './repository.ts';

/** How a commit that we know stands to the repository's HEAD. */
export type Ancestry = 'unknown' | 'head' | 'before-head' | 'after-head' | 'diverged';

/** Looks where a commit stands; `'unknown'` is one that the repository does not have. */
export async function ancestryOf(commit: string, { directory, head }: Repository): Promise<Ancestry> {
  if (commit === head) return 'head';
  const known = await askGit(directory, 'cat-file', '-e', `${commit}^{commit}`);
  if (known.code !== 0) return 'unknown';
  if (await isAncestor(directory, commit, head)) return 'before-head';
  return (await isAncestor(directory, head, commit)) ? 'after-head' : 'diverged';
}

async function isAncestor(directory: string, older: string, newer: string): Promise<boolean> {
  const answer = await askGit(directory, 'merge-base', '--is-ancestor', older, newer);
  if (answer.code !== 0 && answer.code !== 1) throw new Error(`git merge-base failed: ${answer.complaint}`);
  return answer.code === 0;
}
