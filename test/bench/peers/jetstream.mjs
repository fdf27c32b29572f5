import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { natsOptions, startNats } from '../start-nats.mjs';

/**
 * NATS JetStream with a file stream of one replica. The server acknowledges a message before it flushes the file, so it is
 * less durable than the store.
 */
export const jetStream = {
  name: 'NATS JetStream, acknowledges before the flush',
  inFlight: [1, 64, 1024],
  share: 0.2,
  async open(directory) {
    const server = await startNats(directory);
    const connection = await connect(natsOptions(server));
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
