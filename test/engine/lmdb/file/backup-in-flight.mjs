/**
 * Starts a backup that never ends.
 *
 *     node backup-in-flight.mjs <path> <copy> before|after
 *
 * The backup stops `before` or `after` LMDB has written the copy. The script then prints a line.
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
