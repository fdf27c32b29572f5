// Holds the writer lock of a file until the process is killed.
import { writeSync } from 'node:fs';
import { openLmdbEnv } from '../../../../dist/lmdb.js';

const env = openLmdbEnv({ path: process.argv[2] });
env.transactionSync(() => {
  writeSync(1, 'held\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
