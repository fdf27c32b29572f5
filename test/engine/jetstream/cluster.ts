import { freePort, type NatsServer, natsServer } from './nats-server.ts';

/** Servers that keep streams together. */
export interface Cluster {
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  /** The server of this name. */
  named(name: string): NatsServer;
  remove(): Promise<void>;
}

const COUNT = 3;

/** Starts three servers; resolves when all of them are ready. */
export async function startCluster(): Promise<Cluster> {
  const numbers = Array.from({ length: COUNT }, (_, index) => index + 1);
  const ports = await Promise.all(numbers.map(() => freePort()));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const servers = await Promise.all(
    numbers.map((number, index) =>
      natsServer({
        config: `server_name: n${number}
                 cluster { name: c, listen: "127.0.0.1:${ports[index]}", routes: [${routes}] }`,
        // It says so once it knows who leads.
        readyText: 'metadata leader',
      }),
    ),
  );
  await Promise.all(servers.map((server) => server.start()));
  return {
    servers,
    urls: servers.map(({ url }) => url),
    named(name) {
      const server = servers[Number(name.slice(1)) - 1];
      if (server === undefined) throw new Error(`there is no server '${name}'`);
      return server;
    },
    async remove() {
      await Promise.all(servers.map((server) => server.remove()));
    },
  };
}
