import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A git that kills whoever has started it: when it has printed so much of a log, and waited a little. So a kill comes at
 * a chosen place of the import, however fast the machine is; what the watchers are doing then is left to chance.
 *
 * @returns The environment in which it is found as `git`.
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
