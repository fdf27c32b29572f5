// After a line of input, appends one event with an id, and soon afterwards blocks the event loop until the process is killed. If
// another process holds the writer lock until then, LMDB's thread commits the event during the block. The event is then stored,
// but its Promise never resolves.

import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { openLmdbStore } from '../../dist/lmdb.js';

const [path, id] = process.argv.slice(2);
const store = openLmdbStore({ path });
writeSync(1, 'open\n');
await once(process.stdin, 'data');
void store
  .storeEvent({ operation: 'CREATE', objectType: 'Payment', object: { by: 'killed' }, id })
  .then(() => writeSync(1, 'acknowledged\n'));
for (let turn = 0; turn < 10; turn++) await setImmediate(); // the commit is requested in one of the first turns
writeSync(1, 'blocked\n');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
