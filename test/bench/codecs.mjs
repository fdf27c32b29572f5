// Cost of io-ts codecs, for appends and for reads.
import * as t from 'io-ts';
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay } from './reading.mjs';
import { requests } from './request.mjs';

const codec = t.type({ id: t.string, n: t.number, text: t.string, tags: t.array(t.string), done: t.boolean });
const CODECS = Object.fromEntries(
  [...Array(10).keys()].map((n) => [`Type${n}`, codec]).concat([['Rare', codec]]),
);

export async function codecs({ rounds, size, directory }) {
  const total = size(200_000, 10_000);
  const checked = await fillStore(openStore(fresh(directory, 'checked'), { codecs: CODECS }), total);
  const plain = await fillStore(openStore(fresh(directory, 'plain')), total);
  const stores = { ours: checked, theirs: plain };
  const batches = size(20, 2);
  const append = (store) => async () => {
    for (let batch = 0; batch < batches; batch++) await store.storeEvents(requests(batch * 1000, 1000));
  };
  const task = (name, work) => ({ run: work(stores[name]) });
  const against = (name, count, work) =>
    compare({
      name,
      rounds,
      total: count,
      ours: task('ours', work),
      other: 'off',
      theirs: task('theirs', work),
    });
  const figures = [
    await against('io-ts codecs on, replay, payloads read', total, (store) => () => replay(store, total)),
    await against('io-ts codecs on, storeEvents of 1000', batches * 1000, append),
  ];
  await Promise.all([checked.close(), plain.close()]);
  return figures;
}
