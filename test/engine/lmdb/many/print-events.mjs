// Reads a log from its start and prints each event, `<seqNum> <writer> <n>`, until it is killed.
import { trimHorizon } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
process.stdout.write('ready\n');
store.events(trimHorizon()).subscribe(({ seqNum, object }) => {
  process.stdout.write(`${seqNum} ${object.writer} ${object.n}\n`);
});
