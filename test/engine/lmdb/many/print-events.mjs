// Follows a log from its beginning, for ever, and tells of each event: `<seqNum> <writer> <n>`. It is to be killed.
import { trimHorizon } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const store = openLmdbStore({ path: process.argv[2] });
process.stdout.write('ready\n');
store.events(trimHorizon()).subscribe(({ seqNum, object }) => {
  process.stdout.write(`${seqNum} ${object.writer} ${object.n}\n`);
});
