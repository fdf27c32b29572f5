// A process of its own: fills a log to a length, replays it through a watcher, and prints both rates, and the most memory
// it had while it replayed. What is too short to be timed is done over again, on a new log.
import { discard, fillStore, fresh, openStore } from './logs.mjs';
import { ownMemory } from './own-memory.mjs';
import { watchAll } from './reading.mjs';

const [directory, ...numbers] = process.argv.slice(2);
const [length, atLeast] = numbers.map(Number);
const EVERY = 1000;

let seen = 0;
let peak = 0;
const handler = () => {
  if (++seen % EVERY === 0) peak = Math.max(peak, ownMemory());
};
const seconds = async (work) => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
};
let appending = 0;
let replaying = 0;
const times = Math.ceil(atLeast / length);
for (let time = 0; time < times; time++) {
  const path = fresh(directory, `sizes-${process.pid}`);
  const store = openStore(path);
  appending += await seconds(() => fillStore(store, length));
  replaying += await seconds(() => watchAll(store, length, { handler }));
  await store.close();
  discard(path);
}
const events = times * length;
process.stdout.write(
  JSON.stringify({ appendRate: events / appending, replayRate: events / replaying, peak }),
);
