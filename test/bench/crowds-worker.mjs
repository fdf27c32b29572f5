// Runs in a separate process. First, `count` watchers replay one log. Then, on another store, `count` watchers wait for
// events that are never appended, while other events are appended. Prints both rates, and the memory while all watchers
// wait.
import { createManager } from 'rx-watcher';
import { inFlight } from './in-flight.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { ownMemory } from './own-memory.mjs';
import { watchAll } from './reading.mjs';
import { request } from './request.mjs';
import { startIdle } from './start-idle.mjs';

const [directory, ...numbers] = process.argv.slice(2);
const [count, deliveries] = numbers.map(Number);
const WRITERS = 64;
const open = (name) => openStore(fresh(directory, `${name}-${process.pid}`));
const rate = async (events, work) => {
  const begun = performance.now();
  await work();
  return (events / (performance.now() - begun)) * 1000;
};

const length = Math.ceil(deliveries / count);
const replayed = await fillStore(open('replayed'), length);
const deliveryRate = await rate(length * count, () =>
  Promise.all(Array.from({ length: count }, () => watchAll(replayed, length))),
);
await replayed.close();

const watched = open('watched');
const manager = startIdle(createManager(watched), count);
const appends = Math.ceil(deliveries / 20);
const appendRate = await rate(appends, () =>
  inFlight(WRITERS, appends, (n) => watched.storeEvent(request(n))),
);
const memory = ownMemory();
await manager.stop();
await watched.close();
process.stdout.write(JSON.stringify({ appendRate, deliveryRate, memory }));
