// Runs in its own process: replays a log through watchers, one after another, until the time is long enough to measure. Prints
// the rate and the peak memory.
import { openStore } from './logs.mjs';
import { ownMemory } from './own-memory.mjs';
import { watchAll } from './reading.mjs';

const [path, ...numbers] = process.argv.slice(2);
const [length, atLeast] = numbers.map(Number);
const EVERY = 1000;
const times = Math.ceil(atLeast / length);
let seen = 0;
let peak = 0;
const handler = () => {
  if (++seen % EVERY === 0) peak = Math.max(peak, ownMemory());
};
const store = openStore(path);
const begun = performance.now();
for (let time = 0; time < times; time++) await watchAll(store, length, { handler });
const rate = ((times * length) / (performance.now() - begun)) * 1000;
await store.close();
process.stdout.write(JSON.stringify({ rate, peak }));
