import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../build/examples/git-history/main.js', import.meta.url));

export interface DemoEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningDemo {
  /** Resolves once stdout has a text. */
  printed(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our end of its stdout. */
  stopReading(): void;
  readonly ended: Promise<DemoEnd>;
}

/** Starts the demo, as it was built, in a process of its own. */
export function startDemo(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): RunningDemo {
  const child = spawn(process.execPath, [MAIN, ...args], options) as ChildProcessWithoutNullStreams;
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
      while (!stdout.includes(text)) await once(child.stdout, 'data');
    },
  };
}

/** Runs the demo to its end. */
export const runDemo = (...args: Parameters<typeof startDemo>): Promise<DemoEnd> => startDemo(...args).ended;
