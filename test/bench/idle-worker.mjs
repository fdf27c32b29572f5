// Runs in a separate process: appends one event after another while many watchers with filters that exclude the events wait.
// Runs long enough for several checkpoints of each watcher. Prints the time of an append in milliseconds, the heap of a
// watcher, and the delay of the last checkpoint in milliseconds.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createManager } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { openStore } from './logs.mjs';
import { request } from './request.mjs';
import { startIdle } from './start-idle.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const heap = () => {
  collect();
  return process.memoryUsage().heapUsed;
};

const [path, filters, ...numbers] = process.argv.slice(2);
const [count, duration] = numbers.map(Number);
const store = openStore(path);
await store.storeEvent(request(1));
const before = heap();
const manager = startIdle(createManager(store), count, filters === 'own');
const begun = performance.now();
let appends = 0;
while (performance.now() - begun < duration) await store.storeEvent(request(appends++));
const milliseconds = (performance.now() - begun) / appends;
const checkpoints = [...(await firstValueFrom(store.checkpoints())).values()];
// A watcher is idle only after its first checkpoint is stored, so the heap is measured after the appends.
const bytes = (heap() - before) / Math.max(1, count);
const late = count === 0 ? 0 : (appends - Math.min(...checkpoints)) * milliseconds;
await manager.stop();
await store.close();
process.stdout.write(JSON.stringify({ milliseconds, bytes, late }));
