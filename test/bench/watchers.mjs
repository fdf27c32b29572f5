// What watchers cost: handlers of each kind beside the plain replay of the same log, checkpoints, and idle watchers.
// The kinds are measured in turn (A B A B …), and the medians of the rounds are told. Needs a build: `npm run bench`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManager, trimHorizon, watch } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { count as counted, EMPTY, lastValueFrom, take } from 'rxjs';
import { inTurn, median, print, rate, request, shown } from './measure.mjs';

const ROUNDS = 5;
const REPLAYED = 100_000;
const BATCH = 1000;
const IDLE = [0, 1, 100, 10_000];
const directory = mkdtempSync(join(tmpdir(), 'rx-watcher-bench-'));

const store = openLmdbStore({ path: join(directory, 'store.lmdb'), cacheSize: 0 });
for (let n = 0; n < REPLAYED; n += BATCH) {
  await store.storeEvents(Array.from({ length: BATCH }, (_, index) => request(n + index)));
}

const replay = () =>
  lastValueFrom(store.events(trimHorizon(), { live: false, batchSize: 1000 }).pipe(counted()));
let watchers = 0;
const watched = (options) => () => {
  const outcomes = watch(store, `bench-${watchers++}`, { batchSize: 1000, ...options });
  return lastValueFrom(outcomes.pipe(take(REPLAYED), counted()));
};
const kinds = [
  ['store.events() alone', replay],
  ['synchronous handler, automatic checkpoints', watched({ handler: () => undefined })],
  ['synchronous handler, no checkpoints', watched({ handler: () => undefined, ephemeral: true })],
  ['Observable handler', watched({ handler: () => EMPTY })],
  ['Promise handler', watched({ handler: async () => undefined })],
  ['batch handler', watched({ batchHandler: () => undefined })],
];
const rates = await inTurn(
  ROUNDS,
  kinds.map(
    ([, work]) =>
      () =>
        rate(REPLAYED, work),
  ),
);
print(
  ['handler', 'events/s', 'beside store.events()'],
  kinds.map(([name], index) => [name, shown(rates[index]), (rates[index] / rates[0]).toFixed(2)]),
);
await store.close();

/** The memory in use, once what is garbage is gone. */
const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
const appendTime = async (idle) => {
  const before = performance.now();
  await idle.storeEvent(request(1));
  return performance.now() - before;
};

const rows = [];
for (const count of IDLE) {
  const idle = openLmdbStore({ path: join(directory, `idle-${count}.lmdb`) });
  await idle.storeEvent(request(1));
  const manager = createManager(idle);
  const before = heap();
  for (let n = 0; n < count; n++) {
    const options = { filter: { objectTypes: ['Never'] }, handler: () => undefined, autoStart: true };
    manager.create(`idle-${n}`, options);
  }
  const bytes = count === 0 ? '' : shown((heap() - before) / count);
  const times = [];
  for (let round = 0; round < 50; round++) times.push(await appendTime(idle));
  rows.push([shown(count), bytes, median(times).toFixed(2)]);
  await manager.stop();
  await idle.close();
}
print(['idle watchers, filters that do not match', 'bytes each', 'one durable append, ms'], rows);
rmSync(directory, { recursive: true });
