import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** A script that runs beside the test. */
export interface RunningScript {
  /** The next line that it tells. */
  line(): Promise<string>;
  /** The next so many. */
  lines(count: number): Promise<readonly string[]>;
  /** Sends it a line. */
  send(line: string): void;
  /** Sends it the end of its input, and waits until it has ended. */
  end(): Promise<void>;
  /** Ends it, wherever it is, and waits until it is gone. */
  kill(): Promise<void>;
}

const pathOf = (script: string) => fileURLToPath(new URL(script, import.meta.url));

function running(
  input: Writable,
  output: Readable,
  ended: Promise<unknown>,
  kill: () => unknown,
): RunningScript {
  const told = createInterface(output)[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await told.next();
    if (done) throw new Error('the script has ended');
    return value;
  };
  return {
    line,
    async lines(count) {
      const lines: string[] = [];
      while (lines.length < count) lines.push(await line());
      return lines;
    },
    send: (text) => input.write(`${text}\n`),
    async end() {
      input.end();
      await ended;
    },
    async kill() {
      kill();
      await ended;
    },
  };
}

/** Starts a script, which is named by its path from this folder, in a process of its own. */
export const inProcess = (script: string, ...args: readonly string[]): RunningScript => {
  const child = spawn(process.execPath, [pathOf(script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  return running(child.stdin, child.stdout, once(child, 'exit'), () => child.kill('SIGKILL'));
};
