// Replays of a million events through `events()` and through watchers, beside a range read of one JSON value an event.
import { messagePackSerializer } from 'rx-watcher';
import { compare } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { replay as replayed, replayHeaders, scan, watchAll } from './reading.mjs';

const RARE = { filter: { objectTypes: ['Rare'] } };

export async function replay({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const store = await fillStore(openStore(fresh(directory, 'replay')), total);
  const serializer = messagePackSerializer();
  const packed = await fillStore(openStore(fresh(directory, 'replay-packed'), { serializer }), total);
  const raw = await fillRaw(openRaw(fresh(directory, 'replay-raw')), total);
  const read = { run: () => replayed(store, total) };
  const watched = { run: () => watchAll(store, total) };
  const rare = total / 1000;
  const ten = () => Promise.all(Array.from({ length: 10 }, () => watchAll(store, total)));

  const against = (name, ours, other, theirs, count = total) =>
    compare({ name, rounds, total: count, ours, other, theirs, theirTotal: total });
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
      { run: () => watchAll(store, rare, RARE) },
      'keeping all',
      watched,
    ),
    await against('10 watchers at once, deliveries', { run: ten }, 'one watcher alone', watched, 10 * total),
  ];
  await Promise.all([store.close(), packed.close(), raw.close()]);
  return figures;
}
