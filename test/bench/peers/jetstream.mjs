import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startServer } from './server.mjs';

/** NATS JetStream, a file stream of one replica. It acknowledges before it flushes: it is not as durable. */
export const jetStream = {
  name: 'NATS JetStream, acknowledges unflushed',
  inFlight: [1, 64, 1024],
  share: 0.2,
  async open(directory) {
    const server = await startServer('nats-server', (port) => [
      '-js',
      '-sd',
      directory,
      '-a',
      '127.0.0.1',
      '-p',
      port,
    ]);
    const connection = await connect({
      servers: `127.0.0.1:${server.port}`,
      waitOnFirstConnect: true,
      reconnectTimeWait: 100,
    });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'bench', subjects: ['bench.>'] });
    const client = jetstream(connection);
    const append = ({ operation, objectType, object }) =>
      client.publish(`bench.${objectType}.${operation}`, JSON.stringify(object));
    return {
      append,
      appendAll: (requests) => Promise.all(requests.map(append)),
      async replay() {
        const { state } = await manager.streams.info('bench');
        const consumer = await client.consumers.get('bench');
        const messages = await consumer.consume({ max_messages: 5000 });
        let seen = 0;
        for await (const message of messages) {
          if (message.json() !== undefined) seen++;
          if (message.seq === state.last_seq) break;
        }
        await messages.close();
        return seen;
      },
      async close() {
        await connection.close();
        await server.stop();
      },
    };
  },
};
