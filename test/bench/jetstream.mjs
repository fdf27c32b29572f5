// What the store on JetStream does beside the same by hand, with the client library alone, on one server: each pair is
// measured in turn (A B A B …), and the medians of the rounds are told. Needs nats-server and a build.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { trimHorizon } from 'rx-watcher';
import { openJetStreamStore } from 'rx-watcher/jetstream';
import { count, lastValueFrom } from 'rxjs';
import { compare } from './figure.mjs';
import { inFlight } from './in-flight.mjs';
import { request } from './request.mjs';
import { table } from './table.mjs';

const ROUNDS = 5;
const REPLAYED = 50_000;
const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));

const probe = createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const { port } = probe.address();
probe.close();
const server = spawn('nats-server', ['-js', '-sd', directory, '-a', '127.0.0.1', '-p', `${port}`], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
for await (const line of createInterface({ input: server.stderr }))
  if (line.includes('Server is ready')) break;
server.stderr.resume();

const servers = `nats://127.0.0.1:${port}`;
const open = (stream, options) => openJetStreamStore({ servers, stream, gcAgeThreshold: 0, ...options });
const connection = await connect({ servers });
const manager = await jetstreamManager(connection);
const js = jetstream(connection);
for (const name of ['hand', 'handreplayed']) await manager.streams.add({ name, subjects: [`${name}.>`] });
const publish = (n, stream = 'hand') => {
  const { operation, objectType, object } = request(n);
  return js.publish(`${stream}.${objectType}.${operation}`, JSON.stringify(object));
};

const store = await open('store');
const scenarios = [1, 64, 1024].map((writers) => {
  const total = writers === 1 ? 1000 : 20_000;
  return {
    name: `appends, ${writers} in flight`,
    total,
    ours: () => inFlight(writers, total, (n) => store.storeEvent(request(n))),
    theirs: () => inFlight(writers, total, (n) => publish(n)),
    against: 'js.publish',
  };
});

const replayed = await open('replayed', { cacheSize: 0 });
const BATCH = 1000;
for (let n = 0; n < REPLAYED; n += BATCH) {
  const numbers = Array.from({ length: BATCH }, (_, index) => n + index);
  await replayed.storeEvents(numbers.map(request));
  await Promise.all(numbers.map((one) => publish(one, 'handreplayed')));
}
const replay = (filter) =>
  lastValueFrom(replayed.events(trimHorizon(), { live: false, filter }).pipe(count()));

/** An ordered pull consumer, as the client makes it, and JSON. */
async function consume(options, total) {
  const consumer = await js.consumers.get('handreplayed', options);
  let seen = 0;
  for await (const message of await consumer.consume()) {
    if (message.json() !== undefined && ++seen === total) break;
  }
  await consumer.delete();
}
scenarios.push(
  {
    name: 'replay, decoded',
    total: REPLAYED,
    ours: () => replay({}),
    theirs: () => consume({}, REPLAYED),
    against: 'consume()',
  },
  {
    name: 'replay, filter keeps 1 in 1000',
    total: REPLAYED,
    ours: () => replay({ objectTypes: ['Rare'] }),
    theirs: () => consume({ filter_subjects: 'handreplayed.Rare.*' }, REPLAYED / 1000),
    against: 'consume(), a subject',
  },
);

const figures = [];
for (const { name, total, ours, theirs, against } of scenarios) {
  figures.push(
    await compare({
      name,
      rounds: ROUNDS,
      total,
      ours: { run: ours },
      other: against,
      theirs: { run: theirs },
    }),
  );
}
process.stdout.write(`${table(figures)}\n`);

await Promise.all([store.close(), replayed.close(), connection.close()]);
server.kill();
await once(server, 'exit');
rmSync(directory, { recursive: true, force: true });
