// Reads a number of events from the start of a log, then prints their sequence numbers, writers and counters.
import { lastValueFrom, map, take, toArray } from 'rxjs';
import { trimHorizon } from '../../../../dist/index.js';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path, count] = process.argv.slice(2);
const store = openLmdbStore({ path });
const seen = lastValueFrom(
  store.events(trimHorizon()).pipe(
    take(Number(count)),
    map(({ seqNum, objectType, object }) => [seqNum, objectType, object.n]),
    toArray(),
  ),
);
process.stdout.write('ready\n');
process.stdout.write(`${JSON.stringify(await seen)}\n`);
await store.close();
