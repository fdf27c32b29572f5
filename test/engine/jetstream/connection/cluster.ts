import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { defer, lastValueFrom, retry } from 'rxjs';
import { freePort, type NatsServer, natsServer } from '../../../support/jetstream/nats-server.ts';

/** Three nats-servers that replicate streams. */
export interface Cluster {
  readonly servers: readonly NatsServer[];
  readonly urls: readonly string[];
  named(name: string): NatsServer;
  remove(): Promise<void>;
}

const COUNT = 3;

/**
 * Resolves when the cluster accepts streams with a copy on each server. A cluster with a leader still rejects such a stream
 * until the leader knows all servers, and no server reports that moment.
 */
async function acceptsStreams(servers: string[]): Promise<void> {
  const connection = await connect({ servers });
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const add = defer(() => manager.streams.add({ name: 'probe', subjects: ['probe'], num_replicas: COUNT }));
  await lastValueFrom(add.pipe(retry({ count: 60, delay: 500 })));
  await manager.streams.delete('probe');
  await connection.close();
}

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
  const urls = servers.map(({ url }) => url);
  await acceptsStreams(urls);
  return {
    servers,
    urls,
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
