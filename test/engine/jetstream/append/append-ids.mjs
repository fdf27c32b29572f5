// Prints a line, and after a line of input appends events with the ids 1 to `count`, many at a time, from `first` on and then
// from 1. Prints the sequence numbers of the events, in the order of the ids. Ends with its input.
import { createInterface } from 'node:readline';
import { from, lastValueFrom, map, mergeMap, range, toArray } from 'rxjs';
import { openJetStreamStore } from '../../../../dist/jetstream.js';

const [servers, stream, writer, count, inFlight, first] = process.argv.slice(2);
const connectionOptions = { reconnectTimeWait: 20, reconnectJitter: 0 };
const store = await openJetStreamStore({ servers, stream, connectionOptions });
process.stdout.write('open\n');
const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
await lines.next();

const append = (index) => {
  const n = ((Number(first) + index - 1) % Number(count)) + 1;
  const request = { operation: 'CREATE', objectType: 'Line', object: { writer }, id: `id ${n}` };
  return from(store.storeEvent(request)).pipe(map(({ seqNum }) => [n, seqNum]));
};
const numbered = await lastValueFrom(
  range(0, Number(count)).pipe(mergeMap(append, Number(inFlight)), toArray()),
);
const seqNums = numbered.sort(([a], [b]) => a - b).map(([, seqNum]) => seqNum);
process.stdout.write(`${JSON.stringify(seqNums)}\n`);
await lines.next();
await store.close();
