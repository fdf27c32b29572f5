import { type ProcessResult, runProcess } from '../support/program.ts';

/** Runs a script with a file size limit of 200 KiB, which has the same effect as a full disk. */
export const withSmallFileLimit = (script: URL, ...args: readonly string[]): Promise<ProcessResult> =>
  runProcess(script, args, { setup: 'ulimit -S -f 400; trap "" XFSZ;' });
