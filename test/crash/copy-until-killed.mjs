// Copies a log in batches of 10 events, and prints its progress after each batch: `<copied> <total>`. Tests may kill it.
import { copyLog } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const [from, to] = process.argv.slice(2);
const [source, target] = [openLmdbStore({ path: from }), openLmdbStore({ path: to, gcAgeThreshold: 0 })];
copyLog(source, target, { batchSize: 10 }).subscribe({
  next: ({ copied, total }) => process.stdout.write(`${copied} ${total}\n`),
  complete: async () => {
    await source.close();
    await target.close();
  },
});
