import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Number of characters kept of a process's standard error. */
const ERRORS_KEPT = 2000;

/** Maximum time in which a process must end on request, in milliseconds. Ample for a busy machine. */
const PATIENCE = 120_000;

/**
 * Starts a script of this directory in a process. The end of its standard input requests the end of the process.
 *
 * @param options - Passed to the script as its argument, in JSON.
 * @param onLine - Called with each line of its standard output.
 */
export function startProcess(script, options, onLine) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  let wasKilled = false;
  let isHung = false;

  createInterface(child.stdout).on('line', onLine);
  child.stderr.on('data', (text) => {
    errors = `${errors}${text}`.slice(-ERRORS_KEPT);
  });
  // A write to a killed process fails. Ignore the error, because `ended` reports the end of the process.
  child.stdin.on('error', () => undefined);
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, wasKilled, isHung, errors }));
  });

  return {
    /** Resolves with the exit code and signal after all output has been read. */
    ended,
    signal: (name) => void child.kill(name),
    kill() {
      wasKilled = true;
      child.kill('SIGKILL');
    },
    /** Requests the end of the process, and kills the process as hung if it does not end in time. */
    async end(patience = PATIENCE) {
      const timer = setTimeout(() => {
        isHung = true;
        child.kill('SIGKILL');
      }, patience);
      child.stdin.end();
      await ended;
      clearTimeout(timer);
    },
  };
}
