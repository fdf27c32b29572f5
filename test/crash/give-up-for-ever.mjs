// Appends for ever, and has a watcher give up every event of an odd number. Writes the number of each event that was
// given up and kept. It is to be killed.
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
