import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Creates a `git` that kills its parent process after it has printed part of a log and has waited. The kill happens at a
 * chosen place of the import, independent of the speed of the machine. The position of the watchers is random.
 *
 * @param bytes - Size of the part of the log that is printed.
 * @param milliseconds - Time between the output and the kill.
 * @returns The environment with this `git` first in the PATH.
 */
export const killingGit = (directory: string, bytes: number, milliseconds: number): NodeJS.ProcessEnv =>
  partialGit(directory, bytes, `sleep ${milliseconds / 1000}; kill -KILL $PPID`);

/**
 * Creates a `git` that prints only a part of a log and then hangs, so that an import cannot end before it is killed.
 *
 * @param bytes - Size of the part of the log that is printed.
 * @returns The environment with this `git` first in the PATH.
 */
export const endlessGit = (directory: string, bytes: number): NodeJS.ProcessEnv =>
  partialGit(directory, bytes, 'while kill -0 $PPID 2>/dev/null; do sleep 0.1; done');

function partialGit(directory: string, bytes: number, afterwards: string): NodeJS.ProcessEnv {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const place = join(directory, 'bin');
  mkdirSync(place, { recursive: true });
  const script = `#!/bin/sh
case " $* " in
*" log "*) "${git}" "$@" | head -c ${Math.round(bytes)}; ${afterwards} ;;
*) exec "${git}" "$@" ;;
esac
`;
  writeFileSync(join(place, 'git'), script);
  chmodSync(join(place, 'git'), 0o755);
  return { ...process.env, PATH: `${place}${delimiter}${process.env.PATH}` };
}

/** Returns the approximate size of the output that the demo requests from git. */
export function sizeOfHistory(directory: string): number {
  const flags = ['-z', '--no-merges', '-M', '--name-status', '--format=%H%x00%an%x00%at%x00%s'];
  return execFileSync('git', ['-C', directory, 'log', ...flags], { maxBuffer: 1e9 }).length;
}
