import { startServer } from './server.mjs';

/**
 * Starts nats-server with JetStream, which keeps its streams in this directory. `NATS_SERVER_PATH` is the path of the
 * server; by default, the server is searched in `PATH`.
 */
export const startNats = (directory) =>
  startServer(process.env.NATS_SERVER_PATH ?? 'nats-server', (port) => [
    '-js',
    '-sd',
    directory,
    '-a',
    '127.0.0.1',
    '-p',
    port,
  ]);

/** Returns options with which a client connects, even if the server is not ready yet. */
export const natsOptions = ({ port }) => ({
  servers: `127.0.0.1:${port}`,
  waitOnFirstConnect: true,
  reconnectTimeWait: 100,
});
