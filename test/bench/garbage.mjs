// Garbage collection of a million events compared with the removal of one value per event through lmdb-js without the
// library, in transactions of the same size (2000). Also the longest delay of the event loop during the collection.
import { expectCount } from './expect-count.mjs';
import { alone, compare } from './figure.mjs';
import { discard, fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { longestLoopDelay } from './loop-delay.mjs';

const SLICE = 2000;

async function removeAll(raw, total) {
  for (let first = 1; first <= total; first += SLICE) {
    await raw.transaction(() => {
      for (let key = first; key < first + SLICE && key <= total; key++) void raw.remove(key);
    });
  }
}

export async function garbage({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const held = [];
  let ours;
  let theirs;
  const renew = async (before, open, fill) => {
    if (before !== undefined) {
      await before.log.close();
      discard(before.path);
    }
    const path = fresh(directory, 'garbage');
    return { path, log: await fill(open(path), total) };
  };
  const openOld = (path) => openStore(path, { retention: { maxAge: 1 }, gcMaxDuration: 600_000 });
  const collect = async () => {
    const collectAll = async () =>
      expectCount('events collected', (await ours.log.collectGarbage()).deleted, total);
    held.push(await longestLoopDelay(collectAll));
  };
  const rate = await compare({
    name: 'garbage collection of 1 million events',
    rounds,
    total,
    ours: {
      before: async () => {
        ours = await renew(ours, openOld, fillStore);
      },
      run: collect,
    },
    other: 'raw removal',
    theirs: {
      before: async () => {
        theirs = await renew(theirs, openRaw, fillRaw);
      },
      run: () => removeAll(theirs.log, total),
    },
  });
  await Promise.all([ours.log.close(), theirs.log.close()]);
  return [rate, alone('longest block of the event loop by garbage collection', 'ms', held.slice(1))];
}
