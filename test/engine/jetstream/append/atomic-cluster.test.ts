import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type Event, trimHorizon } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { defer, from, lastValueFrom, mergeMap, retry, toArray } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { FAST_RECONNECT } from '../../../support/jetstream/each-stream.ts';
import { hasServerVersion, type NatsServer } from '../../../support/jetstream/nats-server.ts';
import { startCluster } from '../connection/cluster.ts';

const SIZE = 1000;
const BATCHES = 16;
const numberOf = ({ object }: Event) => (object as { n: number }).n;

async function leaderOf(urls: readonly string[], stream: string): Promise<string> {
  const connection = await connect({ servers: [...urls] });
  const manager = await jetstreamManager(connection);
  const { cluster } = await manager.streams.info(stream);
  await connection.close();
  return cluster?.leader ?? '';
}

async function killAndStart(server: NatsServer): Promise<void> {
  await server.kill('SIGKILL');
  await server.start();
}

const isAtomic = hasServerVersion(2, 12);

test(`storeEvents in a cluster stores each event once${isAtomic ? ', under contiguous numbers,' : ''} if the leader is killed`, async () => {
  const cluster = await startCluster();
  onTestFinished(cluster.remove);
  const options = { servers: cluster.urls, connectionOptions: FAST_RECONNECT, stream: 'events', replicas: 3 };
  const stores = [await openJetStreamStore(options), await openJetStreamStore(options)];
  onTestFinished(async () => {
    await Promise.all(stores.map((store) => store.close()));
  });
  const leader = await leaderOf(cluster.urls, 'events');
  const size = isAtomic ? SIZE : 20;
  let stored = 0;
  let restarted: Promise<void> | undefined;
  const append = async (batch: number) => {
    const requests = span(1, size).map((n) => created(batch * SIZE + n));
    const events = await stores[batch % 2]?.storeEvents(requests);
    // Batches of both stores are in flight when the leader is killed, and until it has started again.
    if (++stored === 3) restarted = killAndStart(cluster.named(leader));
    return events ?? [];
  };

  const batches = await lastValueFrom(from(span(1, BATCHES)).pipe(mergeMap(append, 4), toArray()));
  await restarted;

  for (const batch of isAtomic ? batches : []) {
    const [first = 0] = seqNums(batch);
    expect(seqNums(batch)).toEqual(span(first, first + size - 1));
  }
  const events = await lastValueFrom(
    defer(() => readAll(stores[0] as (typeof stores)[0], trimHorizon())).pipe(retry(5)),
  );
  expect(seqNums(events)).toEqual(span(1, size * BATCHES));
  for (const batch of batches) {
    expect(batch.map(({ seqNum }) => events[seqNum - 1]).map((event) => event && numberOf(event))).toEqual(
      batch.map(numberOf),
    );
  }
  // The servers reject a batch that contains known ids, and later appends must still succeed.
  const withIds = span(1, 10).map((n) => ({ ...created(n), id: `id-${n}` }));
  const [one, other] = await Promise.all(stores.map((store) => store.storeEvents(withIds)));
  expect(one).toEqual(other);
  const next = await stores[0]?.storeEvents([created(1), ...withIds, created(2)]);
  const last = size * BATCHES + 10;
  expect(seqNums(next ?? [])).toEqual([last + 1, ...seqNums(one ?? []), last + 2]);
});
