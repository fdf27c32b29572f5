// Throughput of one, two and four processes that share a watcher with 16 partitions. Each handler waits 5 ms, so one process
// handles at most 200 events per second.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { partitionOf } from 'rx-watcher';
import { alone, beside } from './figure.mjs';
import { fresh } from './logs.mjs';
import { openShared } from './partitions-store.mjs';
import { natsOptions, startNats } from './start-nats.mjs';

const WORKER = fileURLToPath(new URL('partitions-worker.mjs', import.meta.url));
const PARTITIONS = 16;

/** Returns one key of each partition. */
function keysOfPartitions() {
  const keys = [];
  for (let n = 0; keys.filter((key) => key !== undefined).length < PARTITIONS; n++) {
    keys[partitionOf(`key ${n}`, PARTITIONS)] ??= `key ${n}`;
  }
  return keys;
}
const KEYS = keysOfPartitions();

/** Starts processes, and resolves when they have equal shares. */
async function startWorkers(count, options) {
  const workers = Array.from({ length: count }, () => ({
    owned: 0,
    process: fork(WORKER, [JSON.stringify(options)]),
  }));
  let handled = 0;
  let onMessage = () => undefined;
  for (const worker of workers) {
    worker.process.on('message', (message) => {
      if (message.owned === undefined) handled += message.handled;
      else worker.owned = message.owned;
      onMessage();
    });
  }
  const until = (isMet) =>
    new Promise((resolve) => {
      onMessage = () => isMet() && resolve();
      onMessage();
    });
  await until(() => workers.every(({ owned }) => owned === PARTITIONS / count));
  return {
    /** Resolves when the processes have handled this number of further events. */
    async handle(total) {
      const before = handled;
      await until(() => handled - before >= total);
    },
    async stop() {
      for (const { process } of workers) process.disconnect();
      await Promise.all(workers.map(({ process }) => once(process, 'exit')));
    },
  };
}

/** Returns the number of events that `count` processes handle per second. Each partition gets equally many events. */
async function rateOf(count, store, options, perProcess) {
  const workers = await startWorkers(count, options);
  const total = count * perProcess;
  const requests = Array.from({ length: total }, (_, n) => ({
    operation: 'UPDATE',
    objectType: 'Job',
    object: { n },
    key: KEYS[n % PARTITIONS],
  }));
  const handled = workers.handle(total);
  const began = performance.now();
  await store.storeEvents(requests);
  await handled;
  const seconds = (performance.now() - began) / 1000;
  await workers.stop();
  return total / seconds;
}

async function measure(engine, options, { rounds, size }) {
  const store = await openShared(options);
  const rates = { 1: [], 2: [], 4: [] };
  for (let round = 0; round < rounds; round++) {
    for (const count of [1, 2, 4]) rates[count].push(await rateOf(count, store, options, size(960, 96)));
  }
  await store.close();
  const name = (count) =>
    `16 partitions ${engine}, handler of 5 ms, ${count} process${count > 1 ? 'es' : ''}`;
  const linear = (count) => rates[1].map((rate) => count * rate);
  return [
    alone(name(1), 'events/s', rates[1]),
    ...[2, 4].map((count) =>
      beside(name(count), 'events/s', rates[count], `${count} times the rate of 1 process`, linear(count)),
    ),
  ];
}

export const partitions = (settings) =>
  measure('on LMDB', { path: fresh(settings.directory, 'partitions') }, settings);

export async function partitionsOnJetStream(settings) {
  mkdirSync(settings.directory, { recursive: true });
  const server = await startNats(settings.directory);
  // The processes do not wait for a server that is not ready yet.
  const connection = await connect(natsOptions(server));
  await connection.close();
  const figures = await measure('on JetStream', { servers: `127.0.0.1:${server.port}` }, settings);
  await server.stop();
  return figures;
}
