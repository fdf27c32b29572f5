import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

const beside = (script: string): URL => new URL(script, import.meta.url);

/** A program that runs in a process of its own and is talked to in lines. */
export interface Program {
  /** The next line that it writes. */
  told(): Promise<string>;
  /** Resolves when it has ended by itself; rejects if it failed. */
  readonly ended: Promise<void>;
  /** Ends its input, and waits for it to end. */
  end(): Promise<void>;
  /** Ends it where it stands, with no chance to tidy up. */
  kill(): Promise<void>;
}

async function success(child: ChildProcess): Promise<void> {
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`it ended with ${code ?? signal}`);
}

/** Starts a script that lies beside this file; it does not outlive the test. */
export function startProcess(script: string, ...args: readonly (string | number)[]): Program {
  const child = spawn(process.execPath, [fileURLToPath(beside(script)), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const ended = success(child);
  ended.catch(() => undefined); // who waits for a line only hears of it there
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async told() {
      const { done, value } = await lines.next();
      if (done) throw new Error(`${script} ended where a line was awaited`);
      return value;
    },
    ended,
    end() {
      child.stdin.end();
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Runs the same script in a thread of this process. */
export async function runThread(script: string, ...args: readonly (string | number)[]): Promise<void> {
  const worker = new Worker(beside(script), { argv: args.map(String), execArgv: [] });
  const [code] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`the thread ended with ${code}`);
}
