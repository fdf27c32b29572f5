/**
 * Begins a backup, and stops in the middle of it for good.
 *
 *     node backup-in-flight.mjs <path> <copy> before|after
 *
 * Prints a line when it has stopped, `before` or `after` LMDB wrote the copy.
 */
import { openLmdbEnv, openLmdbStore } from '../../../../dist/lmdb.js';

const [path, copy, when] = process.argv.slice(2);
const env = openLmdbEnv({ path });
const store = openLmdbStore({ env });
const backup = env.backup.bind(env);

env.backup = async (...args) => {
  if (when === 'after') await backup(...args);
  console.log('in flight');
  return new Promise(() => setInterval(() => undefined, 1000));
};
await store.backup(copy);
