// Ten watchers that replay a million events concurrently, compared with one watcher, with the default cache of decoded objects.
// Also the cost of that cache and of smaller pages for one reader.
import { openLmdbStore } from 'rx-watcher/lmdb';
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay, watchAll } from './reading.mjs';

/** Ten such pages, and what they hold, have room in a processor's cache. */
const PAGES = { batchSize: 250 };

export async function tenWatchers({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const path = fresh(directory, 'ten');
  const uncached = await fillStore(openStore(path), total);
  const store = openLmdbStore({ path });
  const one = (options) => () => watchAll(store, total, options);
  const ten = () => Promise.all(Array.from({ length: 10 }, one(PAGES)));

  const against = (name, count, run, other, otherRun) =>
    compare({
      name,
      rounds,
      total: count,
      ours: { run },
      other,
      theirs: { run: otherRun },
      theirTotal: total,
    });
  const figures = [
    await against('10 watchers at once, deliveries', 10 * total, ten, 'one watcher alone', one(PAGES)),
    await against(
      'replay through a watcher, default batchSize',
      total,
      one(),
      'batchSize 1000',
      one({ batchSize: 1000 }),
    ),
    await against(
      'replay, default cacheSize',
      total,
      () => replay(store, total),
      'cacheSize 0',
      () => replay(uncached, total),
    ),
  ];
  await Promise.all([store.close(), uncached.close()]);
  return figures;
}
