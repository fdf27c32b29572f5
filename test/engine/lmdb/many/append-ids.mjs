// Prints a line, and after a line of input appends events with the ids 1 to `count`, many at a time. Prints the sequence
// numbers of the events, in the order of the ids. Ends when its input ends.
import { createInterface } from 'node:readline';
import { from, lastValueFrom, mergeMap, range, reduce } from 'rxjs';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path, writer, count, inFlight] = process.argv.slice(2);
const store = openLmdbStore({ path });
process.stdout.write('open\n');
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();

const requestOf = (n) => ({ operation: 'CREATE', objectType: 'Line', object: { writer }, id: `id ${n}` });
/** Stores some events alone and others in batches of three. */
const append = async (n) => {
  if (n % 4 !== 0) return [n, (await store.storeEvent(requestOf(n))).seqNum];
  const events = await store.storeEvents([n, (n % count) + 1, n].map(requestOf));
  return [n, events[0].seqNum];
};
const seqNums = await lastValueFrom(
  range(1, Number(count)).pipe(
    mergeMap((n) => from(append(n)), Number(inFlight)),
    reduce((all, [n, seqNum]) => all.set(n, seqNum), new Map()),
  ),
);
process.stdout.write(
  `${JSON.stringify([...seqNums].sort(([a], [b]) => a - b).map(([, seqNum]) => seqNum))}\n`,
);
await lines.next();
await store.close();
