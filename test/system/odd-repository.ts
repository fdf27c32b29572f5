import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = ['new\nline.ts', 'q"uo\\te.md', "s p'ace", 'ünï.TS', '--', ':(glob)x', 'tab\t'];

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Zoë \x1b[31m',
  GIT_AUTHOR_EMAIL: 'zoe@example.org',
  GIT_AUTHOR_DATE: '2020-02-29T23:30:00-05:00',
};
const COMMITTER = { GIT_COMMITTER_NAME: 'c', GIT_COMMITTER_EMAIL: 'c@example.org' };

/** Runs git at a fixed time, with an author name that contains an escape sequence. */
export function git(directory: string, ...args: readonly string[]): void {
  execFileSync('git', args, {
    cwd: directory,
    env: { ...process.env, ...AUTHOR, ...COMMITTER },
    stdio: 'ignore',
  });
}

/** Creates a repository with unusual names of files: 12 file changes in three commits, and one empty commit. */
export function makeOddRepository(directory: string): void {
  mkdirSync(join(directory, 'below'), { recursive: true });
  git(directory, 'init', '--quiet');
  for (const name of NAMES) writeFileSync(join(directory, name), `${name}\n`.repeat(5));
  writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0x2e, 0x63])]), 'no UTF-8\n');
  writeFileSync(join(directory, 'below', 'file'), 'below\n');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '-m', 'one\x1b[2J');
  renameSync(join(directory, 'q"uo\\te.md'), join(directory, 're\nnamed.md'));
  writeFileSync(join(directory, '.mailmap'), 'Nobody <zoe@example.org>\n');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '-m', 'two');
  git(directory, 'rm', '--quiet', '--', 'new\nline.ts');
  git(directory, 'commit', '--quiet', '-m', 'three');
  git(directory, 'commit', '--quiet', '--allow-empty', '-m', 'nothing');
}
