// Replays of a million events through `events()` and `headers()`, compared with a range read of one JSON value per event.
import { messagePackSerializer } from 'rx-watcher';
import { compare } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { replay as replayed, replayHeaders, scan } from './reading.mjs';

export async function replay({ rounds, size, directory }) {
  const total = size(1_000_000, 20_000);
  const store = await fillStore(openStore(fresh(directory, 'replay')), total);
  const serializer = messagePackSerializer();
  const packed = await fillStore(openStore(fresh(directory, 'replay-packed'), { serializer }), total);
  const raw = await fillRaw(openRaw(fresh(directory, 'replay-raw')), total);
  const read = () => replayed(store, total);

  const against = (name, run, other, otherRun) =>
    compare({ name, rounds, total, ours: { run }, other, theirs: { run: otherRun } });
  const figures = [
    await against('replay, payloads read', read, 'raw range read', () => scan(raw, total)),
    await against('replay, payloads not read', () => replayed(store, total, { read: false }), 'read', read),
    await against('replay through headers()', () => replayHeaders(store, total), 'read', read),
    await against('replay, messagePackSerializer()', () => replayed(packed, total), 'JSON', read),
  ];
  await Promise.all([store.close(), packed.close(), raw.close()]);
  return figures;
}
