import { spawnSync } from 'node:child_process';

/** Runs a program that may not write beyond 200 KiB of a file: to it, that is what a full disk is. */
export const withLittleRoom = (script: string, ...args: readonly string[]) =>
  spawnSync(
    'sh',
    ['-c', 'ulimit -S -f 400; trap "" XFSZ; exec "$0" "$@"', process.execPath, script, ...args],
    {
      encoding: 'utf8',
    },
  );
