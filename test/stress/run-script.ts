import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Timeout of a test that runs several processes, in milliseconds. Starting one may take 10 s on a busy machine. */
export const TIMEOUT = 300_000;

/** Runs a script of this directory and returns its exit code, its report and its standard error. */
export function runScript(name: string, ...options: readonly string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options, '--json'], {
    encoding: 'utf8',
  });
  return { status, report: JSON.parse(stdout || 'null'), stderr };
}
