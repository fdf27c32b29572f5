// Appends until the disk is full, then continues when there is room again. Prints the acknowledged events, the failures, and
// the events that a live reader received. A test runs this script in a process that cannot write large files.
import { execFileSync } from 'node:child_process';
import { lastValueFrom, toArray } from 'rxjs';
import { trimHorizon } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';

const path = process.argv[2];
const store = openLmdbStore({ path });
const followed = [];
store.events(trimHorizon()).subscribe(({ seqNum }) => followed.push(seqNum));

const request = (object) => ({ operation: 'CREATE', objectType: 'Page', object });
const large = () => request('x'.repeat(20_000));
const failures = [];
const attempt = async (work) => {
  try {
    return await work();
  } catch ({ code, cause }) {
    failures.push([code, cause.code]);
  }
};

let acknowledged = 0;
while (failures.length === 0) {
  await attempt(async () => {
    acknowledged = (await store.storeEvent(large())).seqNum;
  });
}
await attempt(() => store.transaction((storeEvent) => [1, 2, 3].map(() => storeEvent(large()))));
await attempt(() => store.storeEvents([large(), large(), large()]));
const whileFull = followed.length;

execFileSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
await store.storeEvent(request('one'));
await store.storeEvents([request('two'), large()]);
await store.transaction((storeEvent) => storeEvent(request('four')));

const events = await lastValueFrom(store.events(trimHorizon(), { live: false }).pipe(toArray()));
const tail = events
  .slice(acknowledged)
  .map(({ seqNum, object }) => [seqNum - acknowledged, object.slice(0, 4)]);
await store.close();
process.stdout.write(JSON.stringify({ acknowledged, failures, whileFull, tail, followed }));
