import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be interrupted. */
export interface TcpProxy {
  /** Where clients connect to it. */
  readonly url: string;
  /** Ends the connections that there are; new ones are taken. */
  cut(): void;
  /** Keeps back what the server sends, until the connection is cut. */
  holdAnswers(): void;
  /** Keeps back what clients send, from the first piece in which this text stands; resolves when there was one. */
  holdRequests(text: string): Promise<void>;
  /** Passes on what clients have sent meanwhile. */
  letRequests(): void;
  /** Refuses new connections, or takes them again. */
  refuse(isRefusing: boolean): void;
  /** Delays what the server sends by so many milliseconds. */
  delayAnswers(milliseconds: number): void;
  close(): Promise<void>;
}

/** Puts a proxy before a port. */
export async function tcpProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let isHolding = false;
  let isRefusing = false;
  let delay = 0;
  let awaited: { readonly text: string; readonly isThere: () => void } | undefined;
  let heldRequests: (() => void)[] | undefined;

  /** Passes a piece on, or keeps it back. */
  const pass = (bytes: Buffer, send: () => void) => {
    if (awaited !== undefined && bytes.includes(awaited.text)) {
      heldRequests = [];
      awaited.isThere();
      awaited = undefined;
    }
    if (heldRequests === undefined) send();
    else heldRequests.push(send);
  };

  const proxy = createServer((client) => {
    if (isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    const pair = [client, server] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => pass(bytes, () => server.write(bytes)));
    server.on('data', (bytes) => {
      if (isHolding) return;
      if (delay === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), delay);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the system has given no port');

  const cut = () => {
    isHolding = false;
    for (const [client] of pairs) client.destroy();
  };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    cut,
    holdAnswers() {
      isHolding = true;
    },
    holdRequests: (text) =>
      new Promise((isThere) => {
        awaited = { text, isThere };
      }),
    letRequests() {
      const held = heldRequests ?? [];
      heldRequests = undefined;
      for (const send of held) send();
    },
    refuse(refusing) {
      isRefusing = refusing;
    },
    delayAnswers(milliseconds) {
      delay = milliseconds;
    },
    async close() {
      cut();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
