// Reads numbers from its input, one per line. For each number, appends a batch with this number of events, and prints the
// last sequence number.
import { createInterface } from 'node:readline';
import { openLmdbStore } from '../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const batch = Array.from({ length: Number(line) }, () => ({
    operation: 'CREATE',
    objectType: 'Far',
    object: { pid: process.pid },
  }));
  const events = await store.storeEvents(batch);
  process.stdout.write(`${events.at(-1).seqNum}\n`);
}
await store.close();
