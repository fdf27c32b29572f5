import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { temporaryDirectory } from '../temporary-directory.ts';

/** nats-server with JetStream for a test, in a temporary directory. */
export interface NatsServer {
  readonly port: number;
  /** Address for clients. */
  readonly url: string;
  /** Starts the server unless it runs. Resolves when it accepts connections. */
  start(): Promise<void>;
  /** Ends the server with a signal, `SIGKILL` by default. Does not delete the data of the server. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the server and deletes its data. */
  remove(): Promise<void>;
}

const COMMAND = process.env.NATS_SERVER_PATH ?? 'nats-server';

/** Returns whether the installed nats-server has at least this version. */
export function hasServerVersion(major: number, minor: number): boolean {
  const version = execFileSync(COMMAND, ['-v'], { encoding: 'utf8' });
  const [, actualMajor, actualMinor] = /v(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(actualMajor) * 1000 + Number(actualMinor) >= major * 1000 + minor;
}

/** Returns a port that is currently free. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the system has not assigned a port');
  return address.port;
}

/** Resolves when the server logs a line with this text. */
async function loggedText(process: ChildProcess, lines: Interface, text: string): Promise<void> {
  const logged: string[] = [];
  const found = new Promise<void>((resolve, reject) => {
    process.once('error', (error) => {
      reject(new Error(`cannot start nats-server: ${error.message}; npm run setup:nats installs it`));
    });
    process.once('exit', () => reject(new Error(`nats-server has ended:\n${logged.join('\n')}`)));
    lines.on('line', (line) => {
      logged.push(line);
      if (line.includes(text)) resolve();
    });
  });
  await found;
}

/**
 * Creates a server that does not run yet. The environment variable `NATS_SERVER_PATH` is the path of the server; by default,
 * the server is searched in `PATH`.
 */
export async function natsServer(
  options: {
    readonly port?: number;
    readonly config?: string;
    readonly readyText?: string;
    readonly args?: readonly string[];
  } = {},
): Promise<NatsServer> {
  const directory = await temporaryDirectory();
  const port = options.port ?? (await freePort());
  let running: ChildProcess | undefined;
  // A test that fails does not always end its server. End the server when the test process exits, so that the server does
  // not run forever.
  process.once('exit', () => running?.kill('SIGKILL'));

  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (running === undefined) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    running = undefined;
    await ended;
  };
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    async start() {
      if (running !== undefined) return;
      // The default of 1 MiB is too small, because tests store events of 1 MiB with headers.
      await writeFile(directory.file('server.conf'), `max_payload: 8MB\n${options.config ?? ''}`);
      const jetStream = options.args ?? ['-js'];
      const args = ['-c', directory.file('server.conf'), ...jetStream, '-sd', directory.file('data')];
      running = spawn(COMMAND, [...args, '-a', '127.0.0.1', '-p', `${port}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const lines = createInterface({ input: running.stderr as NodeJS.ReadableStream });
      await loggedText(running, lines, options.readyText ?? 'Server is ready');
    },
    kill,
    async remove() {
      await kill();
      await directory.remove();
    },
  };
}
