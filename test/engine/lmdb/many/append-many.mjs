// Appends events with many appends in flight. The object type is the name of the writer, and the object has a counter.
import { lastValueFrom, mergeMap, range } from 'rxjs';
import { openLmdbStore } from '../../../../dist/lmdb.js';

const [path, writer, count, inFlight] = process.argv.slice(2);
const store = openLmdbStore({ path });
const append = (n) => store.storeEvent({ operation: 'CREATE', objectType: writer, object: { n } });
await lastValueFrom(range(1, Number(count)).pipe(mergeMap(append, Number(inFlight))));
await store.close();
