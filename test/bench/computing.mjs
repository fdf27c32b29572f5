// Longest time for which handlers that compute for 10 ms each block the event loop.
import { of } from 'rxjs';
import { alone } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { longestLoopDelay } from './loop-delay.mjs';
import { watchAll } from './reading.mjs';

const DURATION = 10;

function compute() {
  const end = performance.now() + DURATION;
  while (performance.now() < end);
}

const keyOf = ({ object }) => object.id;

/** Options of each kind of handler. */
const KINDS = {
  synchronous: { handler: () => compute() },
  async: { handler: async () => compute() },
  Observable: { handler: () => of(compute()) },
  batch: { handler: undefined, batchHandler: () => compute(), maxBatch: 1 },
  'async, concurrency 16': { handler: async () => compute(), concurrency: 16, keyOf },
};

/** Returns the name of the figure of a kind of handler. */
const nameOf = (kind) => `longest block of the event loop by handlers that compute for 10 ms each, ${kind}`;

/** Names of all figures of this scenario. */
export const computingFigures = Object.keys(KINDS).map(nameOf);

export async function computing({ rounds, size, directory }) {
  const total = size(150, 20);
  const store = await fillStore(openStore(fresh(directory, 'computing')), total);
  const held = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [kind, options] of Object.entries(KINDS)) {
      held[kind].push(await longestLoopDelay(() => watchAll(store, total, options)));
    }
  }
  await store.close();
  return Object.entries(held).map(([kind, delays]) => alone(nameOf(kind), 'ms', delays));
}
