// Reads the tail of a log and stores an Answer event for each Call event, until its input ends.
import { once } from 'node:events';
import { latest } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
store.events(latest(), { filter: { objectTypes: ['Call'] } }).subscribe(async ({ object }) => {
  await store.storeEvent({ operation: 'CREATE', objectType: 'Answer', object });
});
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
await store.close();
