// Delay from an append to the handler of a watcher at the tail, one event at a time. The figures exclude the durable commit
// in two ways. The first two figures start when `storeEvent` resolves, and are negative if the handler was called first. The
// third figure starts at the call of `storeEvent`, and subtracts the median time of a durable put of the same JSON through lmdb-js
// without the library.
import { latest, watch } from 'rx-watcher';
import { expectCount } from './expect-count.mjs';
import { alone } from './figure.mjs';
import { fresh, openRaw, openStore } from './logs.mjs';
import { quantile } from './quantile.mjs';
import { request } from './request.mjs';

export async function tail({ rounds, size, directory }) {
  const perRound = size(1000, 100);
  const store = openStore(fresh(directory, 'tail'));
  const raw = openRaw(fresh(directory, 'tail-raw'));
  let handledAt = 0;
  let notify;
  let handled = 0;
  const handler = () => {
    handledAt = performance.now();
    handled++;
    notify();
  };
  const watcher = watch(store, 'tail', { initialEventIterator: latest(), handler }).subscribe();

  const one = async (n) => {
    const seen = new Promise((resolve) => {
      notify = resolve;
    });
    const called = performance.now();
    await store.storeEvent(request(n));
    const acknowledged = performance.now();
    await seen;
    const begun = performance.now();
    await raw.put(n, request(n));
    return { beyond: handledAt - acknowledged, whole: handledAt - called, put: performance.now() - begun };
  };
  const p50 = [];
  const p99 = [];
  const beyondPut = [];
  for (let round = 0; round <= rounds; round++) {
    const samples = [];
    for (let n = 0; n < perRound; n++) samples.push(await one(n));
    if (round === 0) continue;
    const at = (what, q) =>
      quantile(
        samples.map((sample) => sample[what]),
        q,
      ) * 1000;
    p50.push(at('beyond', 0.5));
    p99.push(at('beyond', 0.99));
    beyondPut.push(at('whole', 0.5) - at('put', 0.5));
  }
  watcher.unsubscribe();
  expectCount('events handled at the tail', handled, (rounds + 1) * perRound);
  await Promise.all([store.close(), raw.close()]);
  return [
    alone('from the acknowledgement of an event to its handler, p50 (negative: handler first)', 'us', p50),
    alone('from the acknowledgement of an event to its handler, p99 (negative: handler first)', 'us', p99),
    alone('from the append of an event to its handler, p50 minus the p50 of a raw put', 'us', beyondPut),
  ];
}
