// Ten watchers that replay a million events concurrently, compared with one watcher. Also the cost of the default options for
// one reader.
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay, watchAll } from './reading.mjs';

export async function tenWatchers({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const path = fresh(directory, 'ten');
  const store = await fillStore(openStore(path), total);
  const uncached = openStore(path, { cacheSize: 0 });
  const one = (options) => () => watchAll(store, total, options);
  const ten = () => Promise.all(Array.from({ length: 10 }, one()));

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
    await against('10 watchers together, deliveries', 10 * total, ten, 'one watcher alone', one()),
    await against('watch, default batchSize', total, one(), 'batchSize 1000', one({ batchSize: 1000 })),
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
