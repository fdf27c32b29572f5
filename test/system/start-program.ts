import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { collectOutput, type RunningProcess } from '../support/running-process.ts';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts an example, as built by `npm run build:demo`, in its own process. A process that still runs when the test has
 * finished is killed.
 */
export function startProgram(
  example: string,
  args: readonly string[],
  options: ProgramOptions = {},
): RunningProcess {
  const main = fileURLToPath(new URL(`../../build/examples/${example}/main.js`, import.meta.url));
  return collectOutput(spawn(process.execPath, [main, ...args], options) as ChildProcessWithoutNullStreams);
}
