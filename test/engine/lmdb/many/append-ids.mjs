// Prints a line, and after each line of input appends the next events with the ids 1 to `count`, many at a time. Prints the
// sequence numbers of these events, in the order of the ids. Ends when its input ends.
import { createInterface } from 'node:readline';
import { from, lastValueFrom, mergeMap, range, reduce } from 'rxjs';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path, writer, count, round, inFlight] = process.argv.slice(2);
const store = openLmdbStore({ path });

const requestOf = (n) => ({ operation: 'CREATE', objectType: 'Line', object: { writer }, id: `id ${n}` });
/** Stores some events alone and others in batches of three. */
const append = async (n) => {
  if (n % 4 !== 0) return [n, (await store.storeEvent(requestOf(n))).seqNum];
  const events = await store.storeEvents([n, (n % count) + 1, n].map(requestOf));
  return [n, events[0].seqNum];
};
const appendRound = (first) =>
  lastValueFrom(
    range(first, Number(round)).pipe(
      mergeMap((n) => from(append(n)), Number(inFlight)),
      reduce((all, [n, seqNum]) => all.set(n, seqNum), new Map()),
    ),
  );

process.stdout.write('open\n');
let first = 1;
for await (const _line of createInterface(process.stdin)) {
  const seqNums = [...(await appendRound(first))].sort(([a], [b]) => a - b).map(([, seqNum]) => seqNum);
  process.stdout.write(`${JSON.stringify(seqNums)}\n`);
  first += Number(round);
}
await store.close();
