import { freePort, type NatsServer, natsServer } from '../../../support/jetstream/nats-server.ts';

/** Three nats-servers that replicate streams. */
export interface Cluster {
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  named(name: string): NatsServer;
  remove(): Promise<void>;
}

const COUNT = 3;

/** Starts three servers. Resolves when all three servers are ready. */
export async function startCluster(): Promise<Cluster> {
  const numbers = Array.from({ length: COUNT }, (_, index) => index + 1);
  const ports = await Promise.all(numbers.map(() => freePort()));
  const routes = ports.map((port) => `"nats://127.0.0.1:${port}"`).join(', ');
  const servers = await Promise.all(
    numbers.map((number, index) =>
      natsServer({
        config: `server_name: n${number}
                 cluster { name: c, listen: "127.0.0.1:${ports[index]}", routes: [${routes}] }`,
        // A server logs this line when the cluster has elected a leader. Before that, JetStream rejects requests.
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
