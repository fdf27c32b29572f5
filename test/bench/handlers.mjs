// Cost of each kind of handler compared with the plain replay of the same log.
import { EMPTY } from 'rxjs';
import { compare } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { replay, watchAll } from './reading.mjs';

const KINDS = {
  'synchronous handler, no checkpoints': { ephemeral: true },
  'Observable handler': { handler: () => EMPTY },
  'Promise handler': { handler: async () => undefined },
  'batch handler': { handler: undefined, batchHandler: () => undefined },
};

export async function handlers({ rounds, size, directory }) {
  const total = size(200_000, 10_000);
  const store = await fillStore(openStore(fresh(directory, 'handlers')), total);
  const figures = [];
  for (const [name, options] of Object.entries(KINDS)) {
    figures.push(
      await compare({
        name,
        rounds,
        total,
        ours: { run: () => watchAll(store, total, options) },
        other: 'store.events()',
        theirs: { run: () => replay(store, total) },
      }),
    );
  }
  await store.close();
  return figures;
}
