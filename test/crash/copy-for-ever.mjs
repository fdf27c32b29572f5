// Copies a log, few events at a time, and tells how far it has come: `<copied> <total>`. It is to be killed, or let end.
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
