import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Program in a separate process or thread, with lines of text as its input and output. */
export interface Program {
  /** Writes a line to the input of the program. */
  writeLine(line: string): void;
  /** Reads the next line of the output of the program. */
  readLine(): Promise<string>;
  /** Reads a number of lines of the output of the program. */
  readLines(count: number): Promise<readonly string[]>;
  /** Reads lines of the output of the program, up to and including the line `last`. */
  readUntil(last: string): Promise<void>;
  /** Unread lines of the output of the program, until the program ends. */
  readonly lines: AsyncIterableIterator<string>;
  /** Resolves when the program ends with exit code 0. Rejects if the program ends with another code or by a signal. */
  readonly ended: Promise<void>;
  /** Ends the input of the program, which ends the program. Resolves when the program has ended. */
  end(): Promise<void>;
  /** Ends the program immediately, without cleanup. */
  kill(): Promise<void>;
}

type Arguments = readonly (string | number)[];

function program(script: URL, input: Writable, output: Readable, exit: Promise<unknown[]>, kill: () => void) {
  const success = async () => {
    const [code, signal] = await exit;
    if (code !== 0) throw new Error(`${script.pathname} ended with ${code ?? signal}`);
  };
  const ended = success();
  ended.catch(() => undefined); // `readLine` reports the failure, so it must not count as an unhandled rejection
  onTestFinished(kill);
  const lines = createInterface(output)[Symbol.asyncIterator]();
  const readLine = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${script.pathname} ended before it printed a line`);
    return value;
  };
  return {
    writeLine: (line: string) => void input.write(`${line}\n`),
    readLine,
    async readLines(count: number) {
      const read: string[] = [];
      while (read.length < count) read.push(await readLine());
      return read;
    },
    async readUntil(last: string) {
      while ((await readLine()) !== last);
    },
    lines,
    ended,
    end() {
      input.end();
      return ended;
    },
    async kill() {
      kill();
      await exit;
    },
  };
}

/** Program in a separate process, which can be suspended. */
export interface ProcessProgram extends Program {
  suspend(): void;
  resume(): void;
}

/** Starts a script in a process, which is killed at the end of the test. */
export function startProcess(script: URL, ...args: Arguments): ProcessProgram {
  const child = spawn(process.execPath, [fileURLToPath(script), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    ...program(script, child.stdin, child.stdout, once(child, 'exit'), () => void child.kill('SIGKILL')),
    suspend: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Starts a script in a thread of this process, like `startProcess`. */
export function startThread(script: URL, ...args: Arguments): Program {
  const thread = new Worker(script, {
    argv: args.map(String),
    execArgv: [],
    stdin: true,
    stdout: true,
  });
  const kill = () => void thread.terminate();
  return program(script, thread.stdin as Writable, thread.stdout, once(thread, 'exit'), kill);
}

export interface ProcessResult {
  /** Exit code, or the signal that ended the process. */
  readonly exit: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Shell commands that run before the script, for example `ulimit`. */
  readonly setup?: string;
  /** Maximum duration, in milliseconds. A process that takes longer is ended by a signal. */
  readonly timeout?: number;
  readonly cwd?: string;
}

/** Runs a script in a process. Resolves when the process has ended, and rejects if the process cannot be started. */
export function runProcess(
  script: URL,
  args: Arguments,
  { setup = '', ...options }: RunOptions = {},
): Promise<ProcessResult> {
  const command = ['-c', `${setup} exec "$0" "$@"`, process.execPath, fileURLToPath(script)];
  return new Promise((resolve, reject) => {
    execFile('sh', [...command, ...args.map(String)], options, (error, stdout, stderr) => {
      if (error === null) resolve({ exit: 0, stdout, stderr });
      else if (error.signal) resolve({ exit: error.signal, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ exit: error.code, stdout, stderr });
      else reject(error);
    });
  });
}
