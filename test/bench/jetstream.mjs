// The store on JetStream compared with the client library alone, on one server.
import { mkdirSync } from 'node:fs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { trimHorizon } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { count, lastValueFrom } from 'rxjs';
import { expectCount } from './expect-count.mjs';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { fillStore } from './logs.mjs';
import { request, requests } from './request.mjs';
import { natsOptions, startNats } from './start-nats.mjs';

const BATCH = 1000;
const TOTALS = { 1: 1000, 64: 20_000, 1024: 20_000 };

/**
 * Opens a stream with the client library alone. Returns functions that publish, and that read all messages or the messages
 * of one subject.
 */
async function openByHand(connection, name) {
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name, subjects: [`${name}.>`] });
  const client = jetstream(connection);
  const append = ({ operation, objectType, object }) =>
    client.publish(`${name}.${objectType}.${operation}`, JSON.stringify(object));
  return {
    append,
    async fill(total) {
      for (let n = 0; n < total; n += BATCH) await Promise.all(requests(n, BATCH).map(append));
    },
    /** Reads with the ordered pull consumer that the client library creates. */
    async replay(total, options) {
      const consumer = await client.consumers.get(name, options);
      let seen = 0;
      for await (const message of await consumer.consume()) {
        if (message.json() !== undefined && ++seen === total) break;
      }
      await consumer.delete();
    },
  };
}

export async function jetStreamByHand({ rounds, size, directory }) {
  mkdirSync(directory, { recursive: true });
  const server = await startNats(directory);
  const connection = await connect(natsOptions(server));
  const open = (stream) => openJetStreamStore({ connection, stream });
  const against = (name, total, ours, other, theirs) =>
    compare({ name, rounds, total, ours: { run: ours }, other, theirs: { run: theirs } });
  const figures = [];

  const store = await open('appended');
  const byHand = await openByHand(connection, 'appendedByHand');
  for (const [writers, full] of Object.entries(TOTALS)) {
    const total = size(full, full / 20);
    figures.push(
      await against(
        `append on JetStream, ${writers} in flight`,
        total,
        () => inFlight(Number(writers), total, (n) => store.storeEvent(request(n))),
        'publish() of the client',
        () => inFlight(Number(writers), total, (n) => byHand.append(request(n))),
      ),
    );
  }

  const events = size(20_000, 2000);
  const inBatches = async (append) => {
    for (let n = 0; n < events; n += BATCH) await append(requests(n, BATCH));
  };
  figures.push(
    await against(
      'append on JetStream, storeEvents of 1000',
      events,
      () => inBatches((batch) => store.storeEvents(batch)),
      '1000 times publish() of the client',
      () => inBatches((batch) => Promise.all(batch.map(byHand.append))),
    ),
  );

  const total = size(50_000, 2000);
  const replayed = await fillStore(await open('replayed'), total, 0);
  const replayedByHand = await openByHand(connection, 'replayedByHand');
  await replayedByHand.fill(total);
  const replay = async (expected, filter) => {
    const events = replayed.events(trimHorizon(), { live: false, filter });
    expectCount('events replayed', await lastValueFrom(events.pipe(count())), expected);
  };
  const rare = total / 1000;
  figures.push(
    await against(
      'replay on JetStream',
      total,
      () => replay(total),
      'consume() of the client',
      () => replayedByHand.replay(total),
    ),
    await against(
      'replay on JetStream, filter matches 1 in 1000',
      total,
      () => replay(rare, { objectTypes: ['Rare'] }),
      'consume() of a subject',
      () => replayedByHand.replay(rare, { filter_subjects: 'replayedByHand.Rare.*' }),
    ),
    await against(
      'replay on JetStream, filter of two types matches 1 in 10',
      total,
      () => replay(total / 10 + rare, { objectTypes: ['Rare', 'Type1'] }),
      'consume() of all messages',
      () => replayedByHand.replay(total),
    ),
  );
  await Promise.all([store.close(), replayed.close()]);
  await connection.close();
  await server.stop();
  return figures;
}
