import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { temporaryDirectory } from '../../conformance/temporary-directory.ts';

/** A nats-server that runs for a test, with JetStream, in a directory of its own. */
export interface NatsServer {
  readonly port: number;
  /** Where clients connect to it. */
  readonly url: string;
  /** Starts it, if it does not run; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it by this signal. What it has stored stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it, and removes what it has stored. */
  remove(): Promise<void>;
}

/** A port that is free just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('the system has given no port');
  return address.port;
}

/** Resolves when the server says this. */
async function saying(process: ChildProcess, lines: Interface, text: string): Promise<void> {
  const said: string[] = [];
  const heard = new Promise<void>((resolve, reject) => {
    process.once('error', (error) => {
      reject(new Error(`there is no nats-server; npm run setup:nats installs it: ${error.message}`));
    });
    process.once('exit', () => reject(new Error(`nats-server has ended:\n${said.join('\n')}`)));
    lines.on('line', (line) => {
      said.push(line);
      if (line.includes(text)) resolve();
    });
  });
  await heard;
}

/** Makes a server; it does not run yet. */
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
  // A test that fails before it has ended its servers must not leave them behind.
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
      // More than the mebibyte that is the server's default, for events that take as much.
      await writeFile(directory.file('server.conf'), `max_payload: 8MB\n${options.config ?? ''}`);
      const jetStream = options.args ?? ['-js'];
      const args = ['-c', directory.file('server.conf'), ...jetStream, '-sd', directory.file('data')];
      running = spawn('nats-server', [...args, '-a', '127.0.0.1', '-p', `${port}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const lines = createInterface({ input: running.stderr as NodeJS.ReadableStream });
      await saying(running, lines, options.readyText ?? 'Server is ready');
    },
    kill,
    async remove() {
      await kill();
      await directory.remove();
    },
  };
}
