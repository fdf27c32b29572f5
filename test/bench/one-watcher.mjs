// Replays of a million events through a watcher, compared with a replay by `events()`. Also a replay through a watcher with a
// filter, compared with the same replay without a filter.
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay, watchAll } from './reading.mjs';

const RARE = { filter: { objectTypes: ['Rare'] } };

export async function oneWatcher({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const store = await fillStore(openStore(fresh(directory, 'watcher')), total);
  const watched = () => watchAll(store, total);
  const filtered = () => watchAll(store, total / 1000, RARE);

  const against = (name, run, other, otherRun) =>
    compare({ name, rounds, total, ours: { run }, other, theirs: { run: otherRun } });
  const figures = [
    await against('watch, synchronous handler', watched, 'store.events()', () => replay(store, total)),
    await against('watch, filter matches 1 in 1000', filtered, 'without a filter', watched),
  ];
  await store.close();
  return figures;
}
