import { createClient } from 'redis';
import { startServer } from '../server.mjs';

const PAGE = 1000;
const fields = ({ operation, objectType, object }) => ({
  operation,
  objectType,
  object: JSON.stringify(object),
});

/** Redis Streams. Each write is flushed to the append-only file before it is acknowledged. */
export const redis = {
  name: 'Redis Streams, appendfsync always',
  inFlight: [1, 64, 1024],
  share: 0.2,
  async open(directory) {
    const options = ['--dir', directory, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    const server = await startServer('redis-server', (port) => [
      '--bind',
      '127.0.0.1',
      '--port',
      port,
      ...options,
    ]);
    const client = createClient({ socket: { port: server.port, reconnectStrategy: 100 } });
    client.on('error', () => undefined); // The client tries again until the server is ready.
    await client.connect();
    return {
      append: (request) => client.xAdd('log', '*', fields(request)),
      async appendAll(requests) {
        const transaction = client.multi();
        for (const request of requests) transaction.xAdd('log', '*', fields(request));
        await transaction.exec();
      },
      async replay() {
        let seen = 0;
        let from = '-';
        for (;;) {
          const page = await client.xRange('log', from, '+', { COUNT: PAGE });
          for (const { message } of page) if (JSON.parse(message.object) !== undefined) seen++;
          if (page.length < PAGE) return seen;
          from = `(${page.at(-1).id}`;
        }
      },
      async close() {
        client.destroy();
        await server.stop();
      },
    };
  },
};
