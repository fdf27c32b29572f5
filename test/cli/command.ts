import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { collectOutput, type RunningProcess } from '../support/running-process.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Result of a command that has ended. */
export interface CommandEnd {
  /** Exit code, or the signal that ended the process. */
  readonly exit: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Command in a separate process. */
export interface Command extends Omit<RunningProcess, 'ended'> {
  /** Resolves when a file exists that the command creates. */
  created(path: string): Promise<void>;
  /** Writes to the input of the command. */
  write(text: string): void;
  readonly ended: Promise<CommandEnd>;
}

interface CommandOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Number of columns of a terminal for stdin, stdout and stderr, which are then one stream. By default pipes. */
  readonly columns?: number;
  /** Whether colours are written. */
  readonly hasColors?: boolean;
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Starts the built command. A process that still runs when the test has finished is killed. */
export function startCommand(
  args: readonly string[],
  { cwd, input, columns, hasColors = false }: CommandOptions = {},
): Command {
  const command = [process.execPath, MAIN, ...args];
  const inTerminal = `stty cols ${columns} rows 24; exec ${command.map(quoted).join(' ')}`;
  const [file, ...rest] = columns === undefined ? command : ['script', '-qefc', inTerminal, '/dev/null'];
  // Node.js warns if both variables are set.
  const colors = hasColors
    ? { NO_COLOR: undefined, FORCE_COLOR: '1' }
    : { NO_COLOR: '1', FORCE_COLOR: undefined };
  const env = { ...process.env, ...colors };
  const child = spawn(file as string, rest, { cwd, env }) as ChildProcessWithoutNullStreams;
  const running = collectOutput(child);
  child.stdin.on('error', () => undefined); // the command can end before it has read its input
  if (columns === undefined) child.stdin.end(input);
  const ended = running.ended.then(({ code, signal, stdout, stderr }) => ({
    exit: code ?? (signal as NodeJS.Signals),
    stdout,
    stderr,
  }));
  return {
    ...running,
    ended,
    async created(path) {
      const controller = new AbortController();
      void ended.then(() => controller.abort());
      const changes = watch(dirname(path), { signal: controller.signal });
      if (existsSync(path)) return;
      for await (const _ of changes) if (existsSync(path)) return;
    },
    write: (text) => child.stdin.write(text),
  };
}

/** Runs the built command. Resolves when it has ended. */
export const runCommand = (args: readonly string[], options?: CommandOptions): Promise<CommandEnd> =>
  startCommand(args, options).ended;

/** Runs a command that must succeed. Resolves with its output. */
export async function outputOf(args: readonly string[], options?: CommandOptions): Promise<string> {
  const { exit, stdout, stderr } = await runCommand(args, options);
  expect({ exit, stderr }).toMatchObject({ exit: 0 });
  return stdout;
}

export type JsonObject = Readonly<Record<string, unknown>>;

/** Runs a command that must succeed. Resolves with the documents of its lines. */
export async function documentsOf(
  args: readonly string[],
  options?: CommandOptions,
): Promise<readonly JsonObject[]> {
  const lines = (await outputOf(args, options)).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

/** Expects a command to fail with an exit code, one line on stderr that matches a pattern, and no output. */
export function expectFailure({ exit, stdout, stderr }: CommandEnd, code: number, message: RegExp): void {
  expect({ exit, stdout }).toEqual({ exit: code, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^rx-watcher: [^\n]*\n$/);
}
