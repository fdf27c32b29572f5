import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

/** Connects to a server as another program would, and closes the connection after the test. */
export async function rawStream(
  url: string,
): Promise<{ readonly connection: NatsConnection; readonly manager: JetStreamManager }> {
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return { connection, manager: await jetstreamManager(connection) };
}

/** Opens a bucket as another program would. */
export async function openBucket(url: string, name: string): Promise<KV> {
  const { connection } = await rawStream(url);
  return new Kvm(connection).open(name);
}
