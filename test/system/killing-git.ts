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
export function killingGit(directory: string, bytes: number, milliseconds: number): NodeJS.ProcessEnv {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const place = join(directory, 'bin');
  mkdirSync(place, { recursive: true });
  const script = `#!/bin/sh
case " $* " in
*" log "*) "${git}" "$@" | head -c ${bytes}; sleep ${milliseconds / 1000}; kill -KILL $PPID ;;
*) exec "${git}" "$@" ;;
esac
`;
  writeFileSync(join(place, 'git'), script);
  chmodSync(join(place, 'git'), 0o755);
  return { ...process.env, PATH: `${place}${delimiter}${process.env.PATH}` };
}
