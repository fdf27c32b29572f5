import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { createFeed } from '../../http.ts';
import type { EventStore } from '../../index.ts';
import { createInspector } from '../../inspector.ts';
import { parseWhole } from '../arguments/number.ts';
import { endBySignal, interruption } from '../interruption.ts';
import { print, printNote } from '../output/print.ts';
import { withShownStore } from '../store/open-store.ts';
import { withoutCredentials } from '../store/stream-address.ts';

/** Address of the server. Only programs on this machine can connect to this address. */
const HOST = '127.0.0.1';

const DEFAULT_PORT = 7070;

const MAX_PORT = 65_535;

/**
 * Time in which clients can receive the end of their responses before the server closes their connections, in milliseconds.
 */
const GRACE = 500;

/** Names of this machine in the header `Host`. Any port is accepted, because a tunnel listens on a different port. */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * Returns whether a request is meant for this machine. With DNS rebinding, the page of another site can send requests to
 * this server, but their header `Host` contains the name of the other site.
 */
const isForThisMachine = ({ headers }: IncomingMessage): boolean => OWN_HOST.test(headers.host ?? '');

/** Paths of the feed. All other paths belong to the inspector, which has a separate resource `api/events`. */
const FEED_PATH = /^\/(events|stream)(\?|$)/;

/**
 * Creates the function that answers all requests to the server.
 *
 * @param location - Path or address of the store, which is also the source of the CloudEvents of the feed.
 */
function createListener(store: EventStore, location: string): RequestListener {
  const inspector = createInspector({ store });
  const feed = createFeed(store, { source: encodeURI(withoutCredentials(location)) });
  return (request, response) => {
    if (isForThisMachine(request)) {
      const { node } = FEED_PATH.test(request.url ?? '') ? feed : inspector;
      node(request, response);
      return;
    }
    const text = `This server answers only requests to ${HOST} or localhost.\n`;
    response.writeHead(421, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(text);
  };
}

/**
 * Starts a server.
 *
 * @throws {@link Error} if the port is in use, or if the process is not permitted to use the port.
 */
async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'the port is in use; choose another one with --port' : message;
    throw new Error(`cannot listen on ${HOST}:${port}: ${reason}`, { cause });
  }
}

/** Closes a server when its clients have received the end of their responses, at the latest after the grace period. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(timer);
}

async function serve(location: string, { port }: { readonly port: number }): Promise<void> {
  endBySignal();
  await withShownStore(location, async (store) => {
    const server = createServer(createListener(store, location));
    await listen(server, port);
    await print(`http://${HOST}:${(server.address() as AddressInfo).port}/`);
    printNote('the feed is at /events and /stream; Ctrl-C ends the server');
    if (!interruption.aborted) await once(interruption, 'abort');
    // The close of the store ends all streams of events and figures.
    await store.close();
    await close(server);
  });
}

function parsePort(text: string): number {
  const port = parseWhole(0)(text);
  if (port > MAX_PORT) throw new InvalidArgumentError(`It must be at most ${MAX_PORT}.`);
  return port;
}

export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('serve a page and a feed of the log on this machine')
    .description(
      `Serves a page about the log, its events, watchers and dead letters, and prints its address. The feed of the events is at /events and /stream. Page and feed are read-only. The server listens on ${HOST} and has no authentication: every user of this machine can read the log.`,
    )
    .argument('<store>', 'path of the data file, or nats://host:port/stream')
    .option('--port <number>', 'port of the server; 0 for a free one', parsePort, DEFAULT_PORT)
    .action(serve);
}
