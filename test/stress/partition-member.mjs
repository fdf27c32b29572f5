// Process of the stress test of partitions. Handles its share of the watcher, and records the start and the end of each
// attempt with the fencing token of its partition. Stops when its standard input ends.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { distinctUntilChanged, map } from 'rxjs';
import { openSharedStore } from './partition-store.mjs';

const options = JSON.parse(process.argv[2]);
const { name, journal, duration, partitions, concurrency, handlerTime } = options;
const file = openSync(journal, 'a');
/** Fencing token of each partition that this process holds. */
const tokens = new Map();

/** States of a partition that this process handles. */
const OWNED = new Set(['running', 'paused', 'stopping']);

/**
 * Time of the last read of the wall clock. Before each attempt, a watcher reads this clock to check its lease, and then calls
 * the handler in the same synchronous step. In the handler, this time is therefore the time of the check.
 */
let checkedAt = 0n;
const wallClock = Date.now;
Date.now = () => {
  const now = wallClock();
  checkedAt = process.hrtime.bigint();
  return now;
};

/** Writes a line that survives a kill of this process. Times of all processes of a machine are comparable. */
const record = (...fields) =>
  writeSync(file, `${[...fields, process.hrtime.bigint(), checkedAt].join(' ')}\n`);

/**
 * Returns the store with a lease table that adds each acquired token to `tokens`, and removes the token at the release of its
 * lease. The token of a lost lease stays in `tokens`. A forbidden attempt after the loss is therefore recorded with an old token,
 * by which the check of the journals detects it.
 */
function observeTokens(store) {
  const { leases } = store.internals;
  const observed = {
    ...leases,
    async store(id, lease, revision) {
      const written = await leases.store(id, lease, revision);
      const [, index] = /\[(\d+)\/\d+\]$/.exec(id) ?? [];
      if (index === undefined || written === undefined) return written;
      if (lease.owner === undefined) tokens.delete(Number(index));
      else tokens.set(Number(index), lease.token);
      return written;
    },
  };
  return { ...store, internals: { ...store.internals, leases: observed } };
}

const logger = { debug() {}, info() {}, warn() {}, error: (line) => process.stderr.write(`${line}\n`) };
const { rx, store } = await openSharedStore({ ...options, logger });
const manager = rx.createManager(observeTokens(store), { lease: { duration, owner: name } });
const watcher = manager.create('w', {
  partitions,
  concurrency,
  autoStart: true,
  async handler({ seqNum, key }) {
    const token = tokens.get(rx.partitionOf(key, partitions)) ?? 0;
    record('begin', seqNum, token);
    await wait(handlerTime);
    record('end', seqNum, token);
  },
});
watcher.stats$
  .pipe(
    map(({ partitions: all }) => {
      const owned = all.filter(({ state }) => OWNED.has(state));
      return JSON.stringify(owned.map(({ index }) => index));
    }),
    distinctUntilChanged(),
  )
  .subscribe((owned) => process.stdout.write(`${owned}\n`));
process.stdin.resume().once('end', async () => {
  await manager.stop({ timeout: 60_000 });
  await store.close();
  process.exit();
});
