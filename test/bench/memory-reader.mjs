// Runs in its own process: replays a log through a watcher with a slow handler. Prints the peak of its private memory, in MiB.
import { openStore } from './logs.mjs';
import { ownMemory } from './own-memory.mjs';
import { watchAll } from './reading.mjs';

const [path, total] = process.argv.slice(2);
const EVERY = 1000;
let seen = 0;
let peak = 0;
const handler = ({ object }) => {
  if (++seen % EVERY === 0) peak = Math.max(peak, ownMemory());
  return new Promise((resolve) => setImmediate(resolve, object));
};
const store = openStore(path);
await watchAll(store, Number(total), { handler });
await store.close();
process.stdout.write(JSON.stringify({ own: peak, withFile: process.resourceUsage().maxRSS / 1024 }));
