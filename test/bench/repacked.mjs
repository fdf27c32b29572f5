// Replay of a log that was written one event at a time and compacted by garbage collection, compared with the replay of a log
// that was written in batches.
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay } from './reading.mjs';
import { request } from './request.mjs';

export async function repacked({ rounds, size, directory }) {
  const total = size(50_000, 500);
  const singly = openStore(fresh(directory, 'singly'));
  for (let n = 1; n <= total; n++) await singly.storeEvent(request(n));
  await singly.collectGarbage();
  const inBatches = await fillStore(openStore(fresh(directory, 'in-batches')), total);
  const figure = await compare({
    name: 'replay of a log written one event at a time, repacked',
    rounds,
    total,
    ours: { run: () => replay(singly, total) },
    other: 'written in batches',
    theirs: { run: () => replay(inBatches, total) },
  });
  await Promise.all([singly.close(), inBatches.close()]);
  return [figure];
}
