// Appends events that tell who appended them and which of its own each is, many of them in flight at once.
import { lastValueFrom, mergeMap, range } from 'rxjs';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path, writer, count, inFlight] = process.argv.slice(2);
const store = openLmdbStore({ path });
const append = (n) => store.storeEvent({ operation: 'CREATE', objectType: writer, object: { n } });
await lastValueFrom(range(1, Number(count)).pipe(mergeMap(append, Number(inFlight))));
await store.close();
