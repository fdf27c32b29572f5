import { endOfGit, type GitEnd, startGit } from './git.ts';

export interface GitAnswer extends GitEnd {
  /** What it printed, without the line end that ends it. */
  readonly text: string;
}

/** Runs one git command whose answer is short. That it fails may be the answer: see `code`. */
export async function askGit(directory: string, ...args: readonly string[]): Promise<GitAnswer> {
  const child = startGit(directory, args);
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const end = await endOfGit(child);
  return { ...end, text: text.replace(/\n$/, '') };
}
