import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** TCP proxy to a server. It can interrupt, hold and delay the traffic. */
export interface TcpProxy {
  /** Address for clients. */
  readonly url: string;
  /** Closes all connections. New connections are still accepted. */
  cut(): void;
  /** Discards the data of the server until the connections are cut. */
  discardAnswers(): void;
  /** Holds all data of clients from the first packet that contains this text. Resolves when that packet arrives. */
  holdRequests(text: string): Promise<void>;
  /** Forwards the held data of clients. */
  releaseRequests(): void;
  /** Rejects new connections if `true`, and accepts them again if `false`. */
  refuse(isRefusing: boolean): void;
  /** Delays the data of the server by a number of milliseconds. */
  delayAnswers(milliseconds: number): void;
  close(): Promise<void>;
}

/** Starts a proxy to a port. */
export async function tcpProxy(port: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let isDiscarding = false;
  let isRefusing = false;
  let delay = 0;
  let awaited: { readonly text: string; readonly onFound: () => void } | undefined;
  let heldRequests: (() => void)[] | undefined;

  /** Forwards or holds a packet of a client. */
  const forward = (bytes: Buffer, send: () => void) => {
    if (awaited !== undefined && bytes.includes(awaited.text)) {
      heldRequests = [];
      awaited.onFound();
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
    client.on('data', (bytes) => forward(bytes, () => server.write(bytes)));
    server.on('data', (bytes) => {
      if (isDiscarding) return;
      if (delay === 0) client.write(bytes);
      else setTimeout(() => client.write(bytes), delay);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the system has not assigned a port');

  const cut = () => {
    isDiscarding = false;
    for (const [client] of pairs) client.destroy();
  };
  return {
    url: `nats://127.0.0.1:${address.port}`,
    cut,
    discardAnswers() {
      isDiscarding = true;
    },
    holdRequests: (text) =>
      new Promise((onFound) => {
        awaited = { text, onFound };
      }),
    releaseRequests() {
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
