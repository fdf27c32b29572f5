// What the store on LMDB does beside raw lmdb-js with the same bytes and the same durability: each pair is measured in
// turn (A B A B …), and the medians of the rounds are told. Needs a build: `npm run bench`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { count, lastValueFrom } from 'rxjs';
import { inTurn, print, rate, request, shown } from './measure.mjs';

const ROUNDS = 5;
const REPLAYED = 200_000;
const BATCH = 1000;
const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));
const durable = { overlappingSync: false, eventTurnBatching: false };

const store = openLmdbStore({ path: join(directory, 'store.lmdb') });
const raw = open({ path: join(directory, 'raw.lmdb'), encoding: 'json', ...durable });
let key = 0;
const put = (n) => raw.put(++key, request(n));

async function inFlight(writers, total, write) {
  let next = 0;
  const writer = async () => {
    while (next < total) await write(next++);
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

const scenarios = [1, 64, 1024].map((writers) => {
  const total = writers === 1 ? 500 : 20_000;
  return {
    name: `durable appends, ${writers} in flight`,
    total,
    ours: () => inFlight(writers, total, (n) => store.storeEvent(request(n))),
    theirs: () => inFlight(writers, total, put),
    against: 'raw put',
  };
});

const replayed = openLmdbStore({ path: join(directory, 'replayed.lmdb'), cacheSize: 0 });
const replayedRaw = open({ path: join(directory, 'replayed-raw.lmdb'), encoding: 'json', ...durable });
for (let n = 0; n < REPLAYED; n += BATCH) {
  const requests = Array.from({ length: BATCH }, (_, index) => request(n + index));
  await replayed.storeEvents(requests);
  await replayedRaw.transaction(() => {
    for (const [index, one] of requests.entries()) void replayedRaw.put(n + index + 1, one);
  });
}
const replay = (filter) =>
  lastValueFrom(replayed.events(trimHorizon(), { live: false, filter, batchSize: 10_000 }).pipe(count()));
const scan = async () => {
  let seen = 0;
  for (const { value } of replayedRaw.getRange({})) if (value !== undefined) seen++;
  return seen;
};
scenarios.push(
  {
    name: 'replay, decoded',
    total: REPLAYED,
    ours: () => replay({}),
    theirs: scan,
    against: 'raw range read',
  },
  {
    name: 'replay, filter keeps 1 in 1000',
    total: REPLAYED,
    ours: () => replay({ objectTypes: ['Rare'] }),
    theirs: () => replay({}),
    against: 'keeping all',
  },
);

const rows = [];
for (const { name, total, ours, theirs, against } of scenarios) {
  const [mine, other] = await inTurn(ROUNDS, [() => rate(total, ours), () => rate(total, theirs)]);
  rows.push([name, shown(mine), against, shown(other), (mine / other).toFixed(2)]);
}
print(['scenario', 'events/s', 'beside', 'events/s', 'ratio'], rows);

await Promise.all([store.close(), replayed.close(), raw.close(), replayedRaw.close()]);
rmSync(directory, { recursive: true });
