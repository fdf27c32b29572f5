import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** Program in a separate process or thread, with lines of text as its input and output. */
export interface Program {
  /** Writes a line to the input of the program. */
  tell(line: string): void;
  /** Reads the next line of the output of the program. */
  told(): Promise<string>;
  /** Reads a number of lines of the output of the program. */
  toldMany(count: number): Promise<readonly string[]>;
  /** Resolves when the program ends with exit code 0. Rejects if the program ends with another code or by a signal. */
  readonly ended: Promise<void>;
  /** Ends the input of the program, which ends the program. Resolves after that. */
  end(): Promise<void>;
  /** Ends the program immediately, without cleanup. */
  kill(): Promise<void>;
}

type Arguments = readonly (string | number)[];

const scripts = new URL('../engine/', import.meta.url);

const urlOf = (script: string): URL => new URL(script, scripts);

function program(
  script: string,
  input: Writable,
  output: Readable,
  exit: Promise<unknown[]>,
  kill: () => void,
) {
  const success = async () => {
    const [code, signal] = await exit;
    if (code !== 0) throw new Error(`${script} ended with ${code ?? signal}`);
  };
  const ended = success();
  ended.catch(() => undefined); // `told` reports the failure, so it must not count as an unhandled rejection
  onTestFinished(kill);
  const lines = createInterface(output)[Symbol.asyncIterator]();
  const told = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${script} ended before it printed a line`);
    return value;
  };
  return {
    tell: (line: string) => void input.write(`${line}\n`),
    told,
    async toldMany(count: number) {
      const many: string[] = [];
      while (many.length < count) many.push(await told());
      return many;
    },
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
  /** Suspends the process. */
  holdUp(): void;
  /** Continues the process. */
  goOn(): void;
}

/**
 * Starts a script in a process, which is killed at the end of the test.
 *
 * @param script - Path relative to `test/engine`.
 */
export function startProcess(script: string, ...args: Arguments): ProcessProgram {
  const child = spawn(process.execPath, [fileURLToPath(urlOf(script)), ...args.map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    ...program(script, child.stdin, child.stdout, once(child, 'exit'), () => void child.kill('SIGKILL')),
    holdUp: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
  };
}

/** Starts a script in a thread of this process, like `startProcess`. */
export function startThread(script: string, ...args: Arguments): Program {
  const thread = new Worker(urlOf(script), {
    argv: args.map(String),
    execArgv: [],
    stdin: true,
    stdout: true,
  });
  const kill = () => void thread.terminate();
  return program(script, thread.stdin as Writable, thread.stdout, once(thread, 'exit'), kill);
}
