import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProcess {
  /** Resolves when stdout contains a text. Rejects if the process ends before. */
  printed(text: string): Promise<void>;
  /** Resolves with the first line of stdout. Rejects if the process ends before. */
  firstLine(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of stdout. */
  stopReading(): void;
  readonly ended: Promise<ProcessEnd>;
}

/** Collects the output of a child process. Kills the process if it still runs when the test has finished. */
export function collectOutput(child: ChildProcessWithoutNullStreams): RunningProcess {
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  const printed = async (text: string): Promise<void> => {
    const endedEarly = ended.then((end) => {
      if (!stdout.includes(text)) throw new Error(`'${text}' was not printed: ${JSON.stringify(end)}`);
    });
    while (!stdout.includes(text)) await Promise.race([once(child.stdout, 'data'), endedEarly]);
  };
  return {
    ended,
    printed,
    async firstLine() {
      await printed('\n');
      return stdout.slice(0, stdout.indexOf('\n'));
    },
    kill: (signal) => child.kill(signal),
    stopReading: () => child.stdout.destroy(),
  };
}
