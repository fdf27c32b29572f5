import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

/** Another program's way to a server. */
export async function rawStream(
  url: string,
): Promise<{ readonly connection: NatsConnection; readonly manager: JetStreamManager }> {
  const connection = await connect({ servers: url });
  onTestFinished(() => connection.close());
  return { connection, manager: await jetstreamManager(connection) };
}

/** Another program's way to a bucket. */
export async function openBucket(url: string, name: string): Promise<KV> {
  const { connection } = await rawStream(url);
  return new Kvm(connection).open(name);
}
