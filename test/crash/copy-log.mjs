// Attempts two backups of a store and prints their outcomes. A test runs this script in a process that cannot write large
// files.
import { openLmdbStore } from '../../dist/lmdb.js';

const [path, copy] = process.argv.slice(2);
const store = openLmdbStore({ path });
const attempt = () =>
  store.backup(copy).then(
    () => 'copied',
    ({ code }) => code,
  );
const outcomes = [await attempt(), await attempt()];
await store.close();
process.stdout.write(JSON.stringify(outcomes));
