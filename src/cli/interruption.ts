/** Interruptions of the process: Ctrl-C, a request to terminate, and a closed output. */

const controller = new AbortController();

let exitCode = 0;

/** Whether Ctrl-C is the usual end of the command. */
let endsBySignal = false;

/** Signal that is aborted when the command must end early. */
export const interruption: AbortSignal = controller.signal;

/** Declares that only a signal ends the command, so that the exit code after a signal is 0. */
export function endBySignal(): void {
  endsBySignal = true;
}

/**
 * Returns the exit code after an interruption: 128 plus the number of the signal. The exit code is 0 if the reader of the
 * output has closed it, or if only a signal ends the command.
 */
export const interruptionCode = (): number => exitCode;

/**
 * Aborts the command when the process receives a signal, or when the reader of the output closes it. A second signal ends
 * the process immediately.
 */
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
  // If stderr is closed, its error cannot be reported.
  process.stderr.on('error', () => undefined);
}
