// The store compared with alternatives that a user could choose, with the same requests, alternately. `npm run bench:peers`
// installs their packages.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectCount } from './expect-count.mjs';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fresh, openStore } from './logs.mjs';
import { replay } from './reading.mjs';
import { request, requests } from './request.mjs';

const TOTALS = { 1: 500, 64: 20_000, 1024: 50_000 };

async function loadPeers() {
  try {
    return (await import('./peers/all.mjs')).peers;
  } catch (cause) {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('the peers are not installed: npm ci --prefix test/bench/peers', { cause });
  }
}

/** Measures appends and replays of a store and of a peer alternately. */
async function besidePeer(peer, theirs, store, { rounds, size }) {
  const against = (name, total, ours, run) =>
    compare({ name, rounds, total, ours: { run: ours }, other: peer.name, theirs: { run } });
  const figures = [];
  for (const writers of peer.inFlight) {
    const total = size(TOTALS[writers], TOTALS[writers] / 20);
    figures.push(
      await against(
        `durable append, ${writers} in flight, compared with a peer`,
        total,
        () => inFlight(writers, total, (n) => store.storeEvent(request(n))),
        () => inFlight(writers, total, (n) => theirs.append(request(n))),
      ),
    );
  }
  const batches = size(20, 2);
  const inBatches = (write) => async () => {
    for (let batch = 0; batch < batches; batch++) await write(requests(batch * 1000, 1000));
  };
  const batched = [
    inBatches((batch) => store.storeEvents(batch)),
    inBatches((batch) => theirs.appendAll(batch)),
  ];
  figures.push(await against('batches of 1000, compared with a peer', batches * 1000, ...batched));
  return figures;
}

/** Compares replays of new logs, so that earlier appends have no effect. */
async function replayBesidePeer(peer, { rounds, size, directory }) {
  const total = Math.ceil(size(500_000 * peer.share, 5000 * peer.share) / 1000) * 1000;
  mkdirSync(directory, { recursive: true });
  const theirs = await peer.open(directory);
  const store = openStore(fresh(directory, 'replay'));
  for (let n = 0; n < total; n += 1000) {
    await store.storeEvents(requests(n, 1000));
    await theirs.appendAll(requests(n, 1000));
  }
  const figure = await compare({
    name: 'replay, payloads read, compared with a peer',
    rounds,
    total,
    ours: { run: () => replay(store, total) },
    other: peer.name,
    theirs: { run: async () => expectCount('events replayed', await theirs.replay(), total) },
  });
  await Promise.all([store.close(), theirs.close()]);
  return figure;
}

async function measurePeer(peer, context, directory) {
  mkdirSync(directory, { recursive: true });
  const theirs = await peer.open(directory);
  const store = openStore(fresh(directory, 'ours'));
  const figures = await besidePeer(peer, theirs, store, context);
  await Promise.all([store.close(), theirs.close()]);
  const replayed = await replayBesidePeer(peer, { ...context, directory: join(directory, 'replay') });
  return [...figures, replayed];
}

export async function peers(context) {
  const figures = [];
  for (const [index, peer] of (await loadPeers()).entries()) {
    const directory = join(context.directory, String(index));
    try {
      figures.push(...(await measurePeer(peer, context, directory)));
    } catch (error) {
      figures.push({ name: `beside ${peer.name}`, missing: error.message.split('\n')[0] });
    }
  }
  return figures;
}
