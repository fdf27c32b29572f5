// A process of its own: replays a log through a watcher whose handler is slow, and prints the most memory it had, in MiB,
// that is its own. Pages of the mapped file are the system's, and grow with the file: they are told apart.
import { readFileSync } from 'node:fs';
import { openStore } from './logs.mjs';
import { watchAll } from './reading.mjs';

const [path, total] = process.argv.slice(2);
const EVERY = 1000;
let seen = 0;
let peak = 0;
const own = () => Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
const handler = ({ object }) => {
  if (++seen % EVERY === 0) peak = Math.max(peak, own());
  return new Promise((resolve) => setImmediate(resolve, object));
};
const store = openStore(path);
await watchAll(store, Number(total), { handler, ephemeral: true });
await store.close();
process.stdout.write(JSON.stringify({ own: peak, withFile: process.resourceUsage().maxRSS / 1024 }));
