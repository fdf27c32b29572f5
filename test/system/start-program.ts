import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** Resolves when stdout contains a text. Rejects if the program ends before. */
  printed(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of the program's stdout. */
  stopReading(): void;
  readonly ended: Promise<ProgramEnd>;
}

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
): Program {
  const main = fileURLToPath(new URL(`../../build/examples/${example}/main.js`, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], options) as ChildProcessWithoutNullStreams;
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
  return {
    ended,
    kill: (signal) => child.kill(signal),
    stopReading: () => child.stdout.destroy(),
    async printed(text) {
      const endedEarly = ended.then((end) => {
        if (!stdout.includes(text)) throw new Error(`'${text}' was not printed: ${JSON.stringify(end)}`);
      });
      while (!stdout.includes(text)) await Promise.race([once(child.stdout, 'data'), endedEarly]);
    },
  };
}
