import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

/** A program in a process or a thread of its own, that is talked to in lines. */
export interface Program {
  /** Writes a line to it. */
  tell(line: string): void;
  /** The next line that it writes. */
  told(): Promise<string>;
  /** The next so many. */
  toldMany(count: number): Promise<readonly string[]>;
  /** Resolves when it has ended by itself; rejects if it failed. */
  readonly ended: Promise<void>;
  /** Ends its input, and waits for it to end. */
  end(): Promise<void>;
  /** Ends it where it stands, with no chance to tidy up. */
  kill(): Promise<void>;
}

type Arguments = readonly (string | number)[];

const urlOf = (script: string): URL => new URL(script, import.meta.url);

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
  ended.catch(() => undefined); // who waits for a line hears of it there
  onTestFinished(kill);
  const lines = createInterface(output)[Symbol.asyncIterator]();
  const told = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error(`${script} ended where a line was awaited`);
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

/** A program in a process, which the system can hold up. */
export interface ProcessProgram extends Program {
  /** Holds it up where it stands. */
  holdUp(): void;
  /** Lets it go on. */
  goOn(): void;
}

/** Starts a script, which is named by its path from this folder, in a process; it does not outlive the test. */
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

/** The same in a thread of this process. */
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
