// Stores an event for each line of its input, and prints the sequence number of the event. Ends when its input ends.
import { createInterface } from 'node:readline';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
process.stdout.write('open\n');
for await (const line of createInterface(process.stdin)) {
  const { seqNum } = await store.storeEvent({ operation: 'CREATE', objectType: 'Line', object: { line } });
  process.stdout.write(`${seqNum}\n`);
}
await store.close();
