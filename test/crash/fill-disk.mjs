// Appends in batches until an append fails. Prints the number of acknowledged events, the failures, and the number of events
// that can be read. A test runs this script in a process that cannot write large files.
import { count, lastValueFrom } from 'rxjs';
import { trimHorizon } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
const request = { operation: 'CREATE', objectType: 'Page', object: 'x'.repeat(4000) };
const batch = () => Promise.allSettled(Array.from({ length: 8 }, () => store.storeEvent(request)));

let acknowledged = 0;
const failures = [];
while (failures.length === 0) {
  for (const { status, value, reason } of await batch()) {
    if (status === 'fulfilled') acknowledged = Math.max(acknowledged, value.seqNum);
    else failures.push(reason.code);
  }
}
const again = (await batch()).map(({ status, reason }) => (status === 'rejected' ? reason.code : status));
const read = await lastValueFrom(store.events(trimHorizon(), { live: false }).pipe(count()));
await store.close();
process.stdout.write(JSON.stringify({ acknowledged, failures, again, read }));
