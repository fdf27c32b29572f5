import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { DemoError } from '../demo-error.ts';
import { printable } from '../printable.ts';

/**
 * Starts git in a directory.
 *
 * Detached, because Ctrl-C goes to all processes of the terminal's group: it is for us to stop git, when the batch at
 * hand is stored.
 */
export function startGit(directory: string, args: readonly string[]): ChildProcess {
  const options: SpawnOptions = {
    env: gitEnvironment(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  };
  return spawn('git', ['-C', directory, '--no-pager', '--no-replace-objects', ...args], options);
}

/** How git ended. */
export interface GitEnd {
  readonly code: number | null;
  /** The first line of what it complained about, fit to be printed. */
  readonly complaint: string;
}

/** Resolves once git has ended and both its outputs are closed. */
export function endOfGit(child: ChildProcess): Promise<GitEnd> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 1000) complaint += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? noGit(error) : error),
    );
    child.once('close', (code) =>
      resolve({ code, complaint: printable(complaint.trim().split('\n')[0] ?? '') }),
    );
  });
}

const noGit = (cause: Error) =>
  new DemoError('git was not found: install it, or put it on the PATH, and run the same command again', {
    cause,
  });

/**
 * The environment for git: ours, without the variables that would point it to another repository than the directory it
 * is started in (a git hook sets them), in no language, and taking no locks in a repository that we only read.
 */
function gitEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(own).filter(
    ([name]) => !name.startsWith('GIT_') || /^GIT_(CONFIG|EXEC_PATH)/.test(name),
  );
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' };
}
