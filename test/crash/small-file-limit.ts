import { spawnSync } from 'node:child_process';

/** Runs a program with a file size limit of 200 KiB, which has the same effect as a full disk. */
export const withSmallFileLimit = (script: string, ...args: readonly string[]) =>
  spawnSync(
    'sh',
    ['-c', 'ulimit -S -f 400; trap "" XFSZ; exec "$0" "$@"', process.execPath, script, ...args],
    {
      encoding: 'utf8',
    },
  );
