// Follows the tail of a log and tells the number of each event as it comes, until its input ends.
import { once } from 'node:events';
import { latest } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
store.events(latest()).subscribe(({ seqNum }) => process.stdout.write(`${seqNum}\n`));
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
await store.close();
