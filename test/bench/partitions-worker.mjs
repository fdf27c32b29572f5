// Process that handles its share of a watcher with partitions. Each handler waits 5 ms. Reports the number of its partitions
// after each change, and each handled event. Stops when its parent disconnects.
import { setTimeout as wait } from 'node:timers/promises';
import { createManager } from 'rx-watcher';
import { distinctUntilChanged, map } from 'rxjs';
import { openShared } from './partitions-store.mjs';

const store = await openShared(JSON.parse(process.argv[2]));
const manager = createManager(store, { lease: { duration: 3000 } });
const watcher = manager.create('w', {
  partitions: 16,
  async handler() {
    await wait(5);
    process.send({ handled: 1 });
  },
});
const isOwned = ({ state }) => state === 'running';
watcher.stats$
  .pipe(
    map(({ partitions }) => partitions.filter(isOwned).length),
    distinctUntilChanged(),
  )
  .subscribe((owned) => process.send({ owned }));
watcher.start();
process.once('disconnect', async () => {
  await manager.stop();
  await store.close();
  process.exit();
});
