import {
  type JetStreamEventStore,
  type JetStreamStoreOptions,
  openJetStreamStore,
} from 'rx-watcher/jetstream';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type NatsServer, natsServer } from './nats-server.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

/** The server of a file, and a stream of its own for each test. */
export interface EachStream {
  readonly server: NatsServer;
  /** A name that no other test of the file has. */
  nextStream(): string;
  /** Opens a store, on a new stream unless it is told one; it is closed behind the test. */
  open(options?: Partial<JetStreamStoreOptions>): Promise<JetStreamEventStore>;
  /** Puts a proxy before the server, for a test. */
  proxy(): Promise<TcpProxy>;
}

/** Connects again at once: nobody is to wait. */
export const AT_ONCE = { reconnectTimeWait: 20, reconnectJitter: 0 };

/** Runs one server for the tests of a file. */
export function eachStream(): EachStream {
  let running: NatsServer | undefined;
  let streams = 0;
  beforeAll(async () => {
    running = await natsServer();
    await running.start();
  });
  afterAll(() => running?.remove());

  const server = () => {
    if (running === undefined) throw new Error('the server runs only while there are tests');
    return running;
  };
  const nextStream = () => `s${++streams}`;
  return {
    get server() {
      return server();
    },
    nextStream,
    async open(options) {
      const servers = { servers: server().url, connectionOptions: AT_ONCE };
      const store = await openJetStreamStore({ ...servers, stream: nextStream(), ...options });
      onTestFinished(() => store.close());
      return store;
    },
    async proxy() {
      const proxy = await tcpProxy(server().port);
      onTestFinished(() => proxy.close());
      return proxy;
    },
  };
}
