// Reads the tail of a log and prints the sequence number of each new event, until its input ends.
import { once } from 'node:events';
import { latest } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
store.events(latest()).subscribe(({ seqNum }) => process.stdout.write(`${seqNum}\n`));
process.stdout.write('ready\n');
await once(process.stdin.resume(), 'end');
await store.close();
