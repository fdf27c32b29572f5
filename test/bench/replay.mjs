// Replays of a million events through `events()` and through watchers, beside a range read of one JSON value an event.
import { messagePackSerializer } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { compare } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { replay as replayed, replayHeaders, scan, watchAll } from './reading.mjs';

/** As large pages as a watcher may hold, by default. */
const PAGES = { batchSize: 1000 };
/** Ten such pages, and what they hold, have room in a processor's cache. */
const SMALLER_PAGES = { batchSize: 250 };
const RARE = { filter: { objectTypes: ['Rare'] } };

/** Compares a reading of `count` events with one of them all. */
const againstReplay =
  (rounds, total) =>
  (name, ours, other, theirs, count = total) =>
    compare({ name, rounds, total: count, ours, other, theirs, theirTotal: total });

export async function replay({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const path = fresh(directory, 'replay');
  const store = await fillStore(openStore(path), total);
  const serializer = messagePackSerializer();
  const packed = await fillStore(openStore(fresh(directory, 'replay-packed'), { serializer }), total);
  const raw = await fillRaw(openRaw(fresh(directory, 'replay-raw')), total);
  const read = { run: () => replayed(store, total) };
  const watched = { run: () => watchAll(store, total, PAGES) };
  const rare = total / 1000;

  const against = againstReplay(rounds, total);
  const figures = [
    await against('replay, payloads read', read, 'raw range read', { run: () => scan(raw, total) }),
    await against(
      'replay, payloads not read',
      { run: () => replayed(store, total, { read: false }) },
      'read',
      read,
    ),
    await against('replay through headers()', { run: () => replayHeaders(store, total) }, 'read', read),
    await against('replay, messagePackSerializer()', { run: () => replayed(packed, total) }, 'JSON', read),
    await against('replay through a watcher', watched, 'store.events()', read),
    await against(
      'replay through a watcher, filter keeps 1 in 1000',
      { run: () => watchAll(store, rare, { ...PAGES, ...RARE }) },
      'keeping all',
      watched,
    ),
  ];
  await Promise.all([store.close(), packed.close(), raw.close()]);
  return [...figures, ...(await withDefaults(rounds, total, path))];
}

/** What the cache of decoded objects costs one reader, and what it saves ten: the default size, which `openStore` lacks. */
async function withDefaults(rounds, total, path) {
  const store = openLmdbStore({ path });
  const one = (options) => () => watchAll(store, total, options);
  const ten = (options) => () => Promise.all(Array.from({ length: 10 }, one(options)));
  const against = againstReplay(rounds, total);
  const uncached = openStore(path);
  const figures = [
    await against('replay, default cacheSize', { run: () => replayed(store, total) }, 'cacheSize 0', {
      run: () => replayed(uncached, total),
    }),
    await against('replay through a watcher, default batchSize', { run: one() }, 'batchSize 1000', {
      run: one(PAGES),
    }),
    await against(
      '10 watchers at once, deliveries',
      { run: ten(SMALLER_PAGES) },
      'one watcher alone',
      { run: one(SMALLER_PAGES) },
      10 * total,
    ),
  ];
  await Promise.all([store.close(), uncached.close()]);
  return figures;
}
