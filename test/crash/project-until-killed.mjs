// Projects orders into two tables and into further events, until the process is killed. The handler fails at some events, so
// that transactions are rolled back, too. Prints the sequence number of each order after its transaction, and `done` at the
// end.
import { writeSync } from 'node:fs';
import { createManager } from '../../dist/index.js';
import { openLmdbEnv, openLmdbStore } from '../../dist/lmdb.js';

const [path, total, maxBatch] = process.argv.slice(2);
const env = openLmdbEnv({ path });
const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const store = openLmdbStore({ env, logger });
const totals = env.openDB({ name: 'totals', encoding: 'json' });
const digests = env.openDB({ name: 'digests', encoding: 'json' });
const print = (line) => writeSync(1, `${line}\n`);

const watcher = createManager(store).create('orders', {
  filter: { objectTypes: ['Order'] },
  maxBatch: Number(maxBatch),
  initialBackoff: 1,
  transactionHandler({ seqNum, object: { customer, amount } }, { storeEvent, attempt }) {
    void totals.put(customer, (totals.get(customer) ?? 0) + amount);
    // The digest depends on the order of the events.
    void digests.put('orders', ((digests.get('orders') ?? 1) * 31 + seqNum) % 1_000_000_007);
    if (seqNum % 5 === 0)
      storeEvent({ operation: 'CREATE', objectType: 'Shipped', object: { order: seqNum } });
    if (seqNum % 97 === 0 && attempt === 1) throw new Error('not now');
  },
});
watcher.outcomes$.subscribe(({ seqNum }) => print(seqNum));
watcher.whenProcessed(Number(total)).subscribe(() => print('done'));
watcher.start();
process.stdin.once('close', () => process.exit(0)).resume();
