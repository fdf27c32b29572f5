// A projection that writes one row per event, compared with handwritten transactions of lmdb-js. These read as many values,
// write the same rows, and store a position. Also measures the longest delay of the event loop during the projection.
import { createManager } from 'rx-watcher';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { lastValueFrom } from 'rxjs';
import { expectCount } from './expect-count.mjs';
import { alone, compare } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw } from './logs.mjs';
import { longestLoopDelay } from './loop-delay.mjs';

/** Events per transaction: the default of a transaction handler. */
const PER_TRANSACTION = 1000;

const rowOf = ({ object: { id } }) => ({ id });

/** Writes a row for each value, in transactions of a thousand values. Each transaction also stores the position. */
async function projectByHand(raw, rows, positions, total) {
  for (let after = 0; after < total; after += PER_TRANSACTION) {
    const page = [...raw.getRange({ start: after + 1, limit: PER_TRANSACTION })];
    raw.transactionSync(() => {
      for (const { key, value } of page) void rows.put(key, rowOf(value));
      void positions.put('rows', page.at(-1).key);
    });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function projections({ rounds, size, directory }) {
  const total = size(100_000, 10_000);
  const env = openLmdbEnv({ path: fresh(directory, 'projection') });
  const store = await fillStore(openLmdbStore({ env }), total);
  const rows = env.openDB({ name: 'rows', encoding: 'json' });
  const raw = await fillRaw(openRaw(fresh(directory, 'projection-raw')), total);
  const rawRows = raw.openDB({ name: 'rows', encoding: 'json' });
  const rawPositions = raw.openDB({ name: 'positions', encoding: 'json' });
  const held = [];

  const project = async () => {
    await rows.clearAsync();
    await store.deleteCheckpoint('rows');
    const watcher = createManager(store).create('rows', {
      transactionHandler: (event) => void rows.put(event.seqNum, rowOf(event)),
    });
    watcher.start();
    await lastValueFrom(watcher.whenProcessed(total));
    await watcher.stop();
    expectCount('projection', rows.getCount(), total);
  };
  const figure = await compare({
    name: 'projection, one row per event',
    rounds,
    total,
    ours: { run: async () => void held.push(await longestLoopDelay(project)) },
    other: 'raw transactions',
    theirs: {
      run: async () => {
        await rawRows.clearAsync();
        await projectByHand(raw, rawRows, rawPositions, total);
      },
    },
  });
  await Promise.all([store.close(), raw.close()]);
  await env.close();
  return [figure, alone('longest block of the event loop by a projection', 'ms', held)];
}
