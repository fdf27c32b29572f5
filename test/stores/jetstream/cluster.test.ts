import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type Event, trimHorizon, watch } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { defer, from, lastValueFrom, mergeMap, retry, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { note } from '../../../src/testing/conformance/note.ts';
import { readAll } from '../../../src/testing/conformance/read-all.ts';
import { created, seqNums, span } from '../../../src/testing/conformance/requests.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { AT_ONCE } from './each-stream.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.remove());

const CALLERS = 16;

const numberOf = ({ object }: Event) => (object as { n: number }).n;

/** The servers that keep the stream, by the part that they play. */
async function parts(stream: string) {
  const connection = await connect({ servers: [...cluster.urls] });
  const manager = await jetstreamManager(connection);
  const { cluster: group } = await manager.streams.info(stream);
  await connection.close();
  return { leader: group?.leader ?? '', followers: (group?.replicas ?? []).map(({ name }) => name) };
}

test('a leader and a follower that are killed under load take nothing along that was acknowledged', async () => {
  const options = { servers: cluster.urls, connectionOptions: AT_ONCE, stream: 'events', replicas: 3 };
  const writer = await openJetStreamStore(options);
  const reader = await openJetStreamStore(options);
  const outcomes = note(
    watch(reader, 'w', { initialBackoff: 10, maxBackoff: 200, handler: () => undefined }),
  );
  const append = (first: number, last: number) =>
    lastValueFrom(
      from(span(first, last)).pipe(
        mergeMap((n) => writer.storeEvent(created(n)), CALLERS),
        toArray(),
      ),
    );

  const { leader } = await parts('events');
  const early = append(1, 600);
  const batch = writer.storeEvents(span(1201, 1400).map(created));
  await outcomes.has(150);
  await cluster.named(leader).kill('SIGKILL');
  const inBatch = await batch;
  const acknowledged = [...(await early), ...inBatch];
  await cluster.named(leader).start();

  const { followers } = await lastValueFrom(
    defer(() => parts('events')).pipe(retry({ count: 20, delay: 200 })),
  );
  const follower = followers.find((name) => name !== leader) ?? '';
  const late = append(601, 1200);
  await outcomes.has(950);
  await cluster.named(follower).kill('SIGKILL');
  acknowledged.push(...(await late));
  await outcomes.has(1400);

  // One server of three is gone: a read may have to wait for another leader longer than it waits, and then says so.
  const events = await lastValueFrom(defer(() => readAll(writer, trimHorizon())).pipe(retry(5)));
  expect(events.map(numberOf).sort((a, b) => a - b)).toEqual(span(1, 1400));
  expect(seqNums(events)).toEqual(span(1, 1400));
  expect(acknowledged.sort((a, b) => a.seqNum - b.seqNum)).toStrictEqual(events);
  expect(seqNums(inBatch)).toEqual([...seqNums(inBatch)].sort((a, b) => a - b));
  expect(outcomes.values.map(({ seqNum }) => seqNum)).toEqual(span(1, 1400));
  await Promise.all([writer.close(), reader.close()]);
}, 120_000);
