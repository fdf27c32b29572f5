import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Timeout of a test that runs several processes, in milliseconds. Starting one may take 10 s on a busy machine. */
export const TIMEOUT = 300_000;

interface Ended {
  /** Exit code; missing if it is 0. */
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of this directory and resolves with its exit code, its report and its standard error. */
export async function runScript(name: string, ...options: readonly string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const run = promisify(execFile)(process.execPath, [script, ...options, '--json']);
  const { code = 0, stdout, stderr }: Ended = await run.catch((error: Ended) => error);
  return { status: code, report: JSON.parse(stdout || 'null'), stderr };
}
