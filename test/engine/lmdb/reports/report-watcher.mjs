// Opens a store on a file and starts watcher `w`. Prints its process id when the store shows the watcher as running. Stops
// the manager, and then closes the store, when its input ends.
import { firstValueFrom } from 'rxjs';
import { createManager } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path] = process.argv.slice(2);
const store = openLmdbStore({ path });
const manager = createManager(store);
const watcher = manager.create('w', { handler: () => undefined, autoStart: true });
const isReported = async () =>
  (await firstValueFrom(store.watchers())).some(({ state }) => state === 'running');

while (!(await isReported())) await new Promise((resolve) => setImmediate(resolve));
await firstValueFrom(watcher.caughtUp$);
process.stdout.write(`${process.pid}\n`);
for await (const _ of process.stdin);
await manager.stop();
await store.close();
