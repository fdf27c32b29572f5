import { startServer } from './server.mjs';

/** Starts nats-server with JetStream, which keeps its streams in this directory. */
export const startNats = (directory) =>
  startServer('nats-server', (port) => ['-js', '-sd', directory, '-a', '127.0.0.1', '-p', port]);

/** Returns options with which a client connects, even if the server is not ready yet. */
export const natsOptions = ({ port }) => ({
  servers: `127.0.0.1:${port}`,
  waitOnFirstConnect: true,
  reconnectTimeWait: 100,
});
