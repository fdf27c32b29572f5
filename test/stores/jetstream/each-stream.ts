import { afterAll, beforeAll } from 'vitest';
import { type NatsServer, natsServer } from './nats-server.ts';

/** The server of a file, and a stream of its own for each test. */
export interface EachStream {
  readonly server: NatsServer;
  /** A name that no other test of the file has. */
  nextStream(): string;
}

/** Runs one server for the tests of a file. */
export function eachStream(): EachStream {
  let server: NatsServer | undefined;
  let streams = 0;
  beforeAll(async () => {
    server = await natsServer();
    await server.start();
  });
  afterAll(() => server?.remove());
  return {
    get server() {
      if (server === undefined) throw new Error('the server runs only while there are tests');
      return server;
    },
    nextStream: () => `s${++streams}`,
  };
}
