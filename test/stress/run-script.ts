import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs a script of this directory and returns its exit code, its report and its standard error. */
export function runScript(name: string, ...options: readonly string[]) {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options, '--json'], {
    encoding: 'utf8',
  });
  return { status, report: JSON.parse(stdout || 'null'), stderr };
}
