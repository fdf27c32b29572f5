// Copies a log, twice, and tells how that went. It is run by a test, in a process that may not write large files.
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
