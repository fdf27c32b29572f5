import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { createManager, type Event, type EventStore, trimHorizon, watch } from 'rx-watcher';
import { type JetStreamStoreOptions, openJetStreamStore } from 'rx-watcher/jetstream';
import {
  defer,
  filter,
  firstValueFrom,
  from,
  lastValueFrom,
  mergeMap,
  ReplaySubject,
  retry,
  skip,
  toArray,
} from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { FAST_RECONNECT } from '../../../support/jetstream/each-stream.ts';
import { type Cluster, startCluster } from './cluster.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster();
});
afterAll(() => cluster?.remove());

const CALLERS = 16;

const numberOf = ({ object }: Event) => (object as { n: number }).n;

/** Returns the names of the leader and the followers of a stream. */
async function serversOf(stream: string) {
  const connection = await connect({ servers: [...cluster.urls] });
  const manager = await jetstreamManager(connection);
  const { cluster: group } = await manager.streams.info(stream);
  await connection.close();
  return { leader: group?.leader ?? '', followers: (group?.replicas ?? []).map(({ name }) => name) };
}

/** Starts the servers that earlier tests have killed, and opens a store when they have joined the cluster. */
async function openOnAllServers(options: JetStreamStoreOptions) {
  await Promise.all(cluster.servers.map((server) => server.start()));
  return lastValueFrom(defer(() => openJetStreamStore(options)).pipe(retry({ count: 60, delay: 500 })));
}

test('a stream on a cluster loses no acknowledged event if a leader and a follower are killed under load', async () => {
  const options = { servers: cluster.urls, connectionOptions: FAST_RECONNECT, stream: 'events', replicas: 3 };
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

  const { leader } = await serversOf('events');
  const early = append(1, 600);
  const batch = writer.storeEvents(span(1201, 1400).map(created));
  await outcomes.has(150);
  await cluster.named(leader).kill('SIGKILL');
  const inBatch = await batch;
  const acknowledged = [...(await early), ...inBatch];
  await cluster.named(leader).start();

  const { followers } = await lastValueFrom(
    defer(() => serversOf('events')).pipe(retry({ count: 20, delay: 200 })),
  );
  const follower = followers.find((name) => name !== leader) ?? '';
  const late = append(601, 1200);
  await outcomes.has(950);
  await cluster.named(follower).kill('SIGKILL');
  acknowledged.push(...(await late));
  await outcomes.has(1400);

  // One of three servers is down. A read can time out before the servers have elected a new leader, so it is retried.
  const events = await lastValueFrom(defer(() => readAll(writer, trimHorizon())).pipe(retry(5)));
  expect(events.map(numberOf).sort((a, b) => a - b)).toEqual(span(1, 1400));
  expect(seqNums(events)).toEqual(span(1, 1400));
  expect(acknowledged.sort((a, b) => a.seqNum - b.seqNum)).toStrictEqual(events);
  expect(seqNums(inBatch)).toEqual([...seqNums(inBatch)].sort((a, b) => a - b));
  expect(outcomes.values.map(({ seqNum }) => seqNum)).toEqual(span(1, 1400));
  await Promise.all([writer.close(), reader.close()]);
}, 120_000);

test('a stream on a cluster stores each id once if two stores append it and the leader is killed', async () => {
  const options = { servers: cluster.urls, connectionOptions: FAST_RECONNECT, stream: 'ids', replicas: 3 };
  const reader = await openOnAllServers(options);
  const stores = [reader, await openJetStreamStore(options)];
  const append = (store: EventStore) =>
    lastValueFrom(
      from(span(1, 400)).pipe(
        mergeMap((n) => defer(() => store.storeEvent({ ...created(n), id: `${n}` })).pipe(retry(5)), CALLERS),
        toArray(),
      ),
    );
  const seen = firstValueFrom(reader.events(trimHorizon()).pipe(skip(100)));

  const { leader } = await serversOf('ids');
  const appends = stores.map(append);
  await seen;
  await cluster.named(leader).kill('SIGKILL');
  const returned = await Promise.all(appends);

  const events = await lastValueFrom(defer(() => readAll(reader, trimHorizon())).pipe(retry(5)));
  expect(events.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(span(1, 400));
  for (const stored of returned) {
    expect([...stored].sort((a, b) => a.seqNum - b.seqNum)).toStrictEqual(events);
  }
  await Promise.all(stores.map((store) => store.close()));
}, 120_000);

test('a watcher with a lease continues after the leader of the bucket is killed, and later in another process', async () => {
  const options = { servers: cluster.urls, connectionOptions: FAST_RECONNECT, stream: 'leased', replicas: 3 };
  await (await openOnAllServers(options)).close();
  const handled$ = new ReplaySubject<readonly [owner: string, seqNum: number]>();
  const reached = (seqNum: number) =>
    firstValueFrom(handled$.pipe(filter(([, number]) => number === seqNum)));
  const run = async (owner: string) => {
    const store = await openJetStreamStore(options);
    const manager = createManager(store, { lease: { owner, duration: 3000 } });
    const watcher = manager.create('w', { handler: ({ seqNum }) => handled$.next([owner, seqNum]) });
    watcher.start();
    const isIn = (state: string) =>
      firstValueFrom(watcher.stats$.pipe(filter((stats) => stats.state === state)));
    return { store, manager, isIn };
  };

  const first = await run('first');
  await first.isIn('running');
  const second = await run('second');
  await second.isIn('standby');
  await second.store.storeEvents(span(1, 10).map(created));
  await reached(10);
  const { leader } = await serversOf('KV_leased_checkpoints');
  await cluster.named(leader).kill('SIGKILL');
  await second.store.storeEvents(span(11, 20).map(created));
  await reached(20);
  await cluster.named(leader).start();
  await first.manager.stop();
  await second.store.storeEvents(span(21, 30).map(created));
  await reached(30);
  await second.manager.stop();
  await Promise.all([first.store.close(), second.store.close()]);

  handled$.complete();
  const handled = await lastValueFrom(handled$.pipe(toArray()));
  const numbersOf = (owner: string) => handled.flatMap(([by, seqNum]) => (by === owner ? [seqNum] : []));
  expect([...new Set(handled.map(([, seqNum]) => seqNum))].sort((a, b) => a - b)).toEqual(span(1, 30));
  // A process that briefly loses the lease continues after its last checkpoint. It can repeat events, but it skips none, so
  // its first event is its lowest.
  for (const numbers of [numbersOf('first'), numbersOf('second')]) {
    expect(numbers[0]).toBe(Math.min(...numbers));
  }
  expect(numbersOf('second').slice(-10)).toEqual(span(21, 30));
  expect(numbersOf('first').every((seqNum) => seqNum <= 20)).toBe(true);
}, 120_000);
