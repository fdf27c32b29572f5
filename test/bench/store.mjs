// What the store on LMDB does beside raw lmdb-js with the same bytes and the same durability: each pair is measured in
// turn (A B A B …), and the medians of the rounds are told. Needs a build: `npm run bench`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { open } from 'lmdb';
import { trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { count, lastValueFrom } from 'rxjs';

const ROUNDS = 5;
const REPLAYED = 200_000;
const BATCH = 1000;
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'];
const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));
const durable = { overlappingSync: false, eventTurnBatching: false };

/** About 200 bytes of JSON, ten types and three operations in rotation; one in a thousand is rare. */
const request = (n) => ({
  operation: OPERATIONS[n % 3],
  objectType: n % 1000 === 0 ? 'Rare' : `Type${n % 10}`,
  object: { id: `id-${n}`, n, text: 'some words '.repeat(10), tags: ['a', 'b', 'c'], done: true },
});

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

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const rate = async (total, work) => {
  const begin = performance.now();
  await work();
  return (total / (performance.now() - begin)) * 1000;
};
const shown = (perSecond) => Math.round(perSecond).toLocaleString('en');

const table = new Table({ head: ['scenario', 'events/s', 'beside', 'events/s', 'ratio'] });
for (const { name, total, ours, theirs, against } of scenarios) {
  const rates = { ours: [], theirs: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const pair = [await rate(total, ours), await rate(total, theirs)];
    if (round === 0) continue; // the first warms up
    rates.ours.push(pair[0]);
    rates.theirs.push(pair[1]);
  }
  const [mine, other] = [median(rates.ours), median(rates.theirs)];
  table.push([name, shown(mine), against, shown(other), (mine / other).toFixed(2)]);
}
process.stdout.write(`${table.toString()}\n`);

await Promise.all([store.close(), replayed.close(), raw.close(), replayedRaw.close()]);
rmSync(directory, { recursive: true });
