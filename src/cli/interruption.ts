/** Interruptions of the process: Ctrl-C, a request to terminate, and a closed output. */

const controller = new AbortController();

/** Exit code after an interruption. */
let exitCode = 0;

/** Whether Ctrl-C is the usual end of the command. */
let endsBySignal = false;

/** Aborted when the command must end early. */
export const interruption: AbortSignal = controller.signal;

/** Declares that the command follows the log: a signal is its usual end, with exit code 0. */
export function endBySignal(): void {
  endsBySignal = true;
}

/** Returns the exit code after an interruption. */
export const interruptionCode = (): number => exitCode;

/** Ends the command on signals and when its output is closed. A second signal ends the process immediately. */
export function listenForInterruptions(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      exitCode = endsBySignal ? 0 : code;
      controller.abort();
    });
  }
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader such as `head` closes the pipe when it has read enough.
    if (error.code !== 'EPIPE') throw error;
    controller.abort();
  });
  // Without a reader, there is no place for a message either.
  process.stderr.on('error', () => undefined);
}
