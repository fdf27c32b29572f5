// Opens and closes a log many times while another store of the same process appends to it.
import { openLmdbStore } from '../../../../dist/lmdb.js';

const path = process.argv[2];
const request = { operation: 'CREATE', objectType: 'Job', object: {} };
const store = openLmdbStore({ path });
let isFinished = false;
const appends = (async () => {
  while (!isFinished) await store.storeEvent(request);
})();

for (let n = 0; n < 50; n++) {
  const passing = openLmdbStore({ path });
  await passing.storeEvent(request);
  await passing.close();
}
isFinished = true;
await appends;
await store.close();
