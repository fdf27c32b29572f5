// Holds the writer lock of a file until the process is killed or its input ends.
import { readSync, writeSync } from 'node:fs';
import { openLmdbEnv } from '../../../../dist/lmdb.js';

const env = openLmdbEnv({ path: process.argv[2] });
env.transactionSync(() => {
  writeSync(1, 'held\n');
  while (readSync(0, Buffer.alloc(64)) > 0);
});
await env.close();
