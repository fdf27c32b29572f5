// Appends events until the process is killed. A watcher gives up each event with an odd number. Prints the sequence number
// of each stored dead letter.
import { writeSync } from 'node:fs';
import { createManager } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
const watcher = createManager(store).create('w', {
  handler({ seqNum }) {
    if (seqNum % 2 === 1) throw new Error('odd');
  },
  maxRetries: 0,
  retryStrategy: 'deadLetter',
});
watcher.outcomes$.subscribe(({ deadLettered, seqNum }) => {
  if (deadLettered) writeSync(1, `${seqNum}\n`);
});
watcher.start();
for (;;)
  await store.storeEvent({ operation: 'CREATE', objectType: 'Line', object: { text: 'x'.repeat(300) } });
