// Three operations on a store of ten million events, compared with a store of ten thousand events. The operations open the store
// and read the latest number, append one event, and read the last hundred events.
import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { expectCount } from './expect-count.mjs';
import { beside } from './figure.mjs';
import { inTurn } from './in-turn.mjs';
import { discard, fillStore, fresh, openStore } from './logs.mjs';
import { request } from './request.mjs';

const TAIL = 100;

async function readTail(store) {
  const latest = await firstValueFrom(store.getLatestSeqNum());
  const events = store.events(afterSequenceNumber(latest - TAIL), { live: false });
  const { length } = await lastValueFrom(events.pipe(toArray()));
  expectCount('events of the tail', length, TAIL);
}

const repeated = (times, work) => async () => {
  for (let time = 0; time < times; time++) await work();
};

export async function large({ rounds, size, directory }) {
  const paths = { ours: fresh(directory, 'large'), theirs: fresh(directory, 'small') };
  const counts = { ours: size(10_000_000, 20_000), theirs: size(10_000, 1000) };
  for (const [name, path] of Object.entries(paths)) {
    await (await fillStore(openStore(path), counts[name])).close();
  }
  const opening = (path) => async () => {
    const store = openStore(path);
    await firstValueFrom(store.getLatestSeqNum());
    await store.close();
  };
  const stores = {};
  const scenarios = [
    ['opening', size(100, 10), opening, (name) => paths[name]],
    ['appending to', size(1000, 100), (store) => () => store.storeEvent(request(1)), (name) => stores[name]],
    ['reading the tail of', size(1000, 100), (store) => () => readTail(store), (name) => stores[name]],
  ];
  const figures = [];
  for (const [verb, times, work, subject] of scenarios) {
    if (verb !== 'opening')
      for (const [name, path] of Object.entries(paths)) stores[name] ??= openStore(path);
    const task = (name) => ({ run: repeated(times, work(subject(name))) });
    const { ours, theirs } = await inTurn(rounds, { ours: task('ours'), theirs: task('theirs') });
    const each = (milliseconds) => milliseconds.map((time) => time / times);
    figures.push(
      beside(`${verb} a store of 10 million events`, 'ms', each(ours), '10 thousand', each(theirs)),
    );
  }
  await Promise.all(Object.values(stores).map((store) => store.close()));
  discard(paths.ours);
  return figures;
}
