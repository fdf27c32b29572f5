import {
  type JetStreamEventStore,
  type JetStreamStoreOptions,
  openJetStreamStore,
} from 'rx-watcher/jetstream';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type NatsServer, natsServer } from './nats-server.ts';
import { rawStream } from './raw-stream.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

/** nats-server of a test file, with a separate stream for each test. */
export interface EachStream {
  readonly server: NatsServer;
  /** Returns a new name of a stream. */
  nextStream(): string;
  /** Opens a store, on a new stream by default, and closes it after the test. */
  open(options?: Partial<JetStreamStoreOptions>): Promise<JetStreamEventStore>;
  /** Creates a stream without atomic batches, as servers before 2.12 create all streams. Returns its name. */
  streamWithoutBatches(): Promise<string>;
  /** Starts a proxy to the server and closes it after the test. */
  proxy(): Promise<TcpProxy>;
}

/** Options of the NATS client for a reconnection without a noticeable delay. */
export const FAST_RECONNECT = { reconnectTimeWait: 20, reconnectJitter: 0 };

/** Runs one nats-server for the tests of a file. */
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
      const servers = { servers: server().url, connectionOptions: FAST_RECONNECT };
      const store = await openJetStreamStore({ ...servers, stream: nextStream(), ...options });
      onTestFinished(() => store.close());
      return store;
    },
    async streamWithoutBatches() {
      const stream = nextStream();
      const { manager } = await rawStream(server().url);
      const republish = { src: `${stream}.>`, dest: `${stream}-stored.>`, headers_only: true };
      await manager.streams.add({ name: stream, subjects: [`${stream}.>`], republish });
      return stream;
    },
    async proxy() {
      const proxy = await tcpProxy(server().port);
      onTestFinished(() => proxy.close());
      return proxy;
    },
  };
}
