// Concurrent handlers of 0, 1 and 5 ms with a key per event, compared with the upper limit and with handwritten RxJS.
import { ANCESTOR, besideAncestor } from './ancestor.mjs';
import { inGroups, inLoops } from './by-hand.mjs';
import { compareWithEach } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { watchAll } from './reading.mjs';

const CONCURRENCIES = [1, 16, 100, 1000];
const IDEAL = 'handwritten loops';
const GROUPS = 'handwritten groupBy and concatMap';

/** Handlers, by the number of milliseconds for which they wait. */
const HANDLERS = {
  0: async () => undefined,
  1: () => new Promise((resolve) => setTimeout(resolve, 1)),
  5: () => new Promise((resolve) => setTimeout(resolve, 5)),
};

const MOST = 100_000;

/** Returns the number of events that take about a second at most. */
const eventsFor = (concurrency, milliseconds) =>
  milliseconds === 0 ? MOST : Math.min(MOST / 2, (concurrency * 1000) / milliseconds);

const nameOf = (concurrency, milliseconds) => `concurrency ${concurrency}, handler of ${milliseconds} ms`;

/** Returns the name of the figure that compares a concurrency with its upper limit. */
export const idealFigure = (concurrency, milliseconds) =>
  `${nameOf(concurrency, milliseconds)}, compared with ${IDEAL}`;

/** Names of the figures that compare empty handlers with the Go library. */
export const ancestorFigures = CONCURRENCIES.map(
  (concurrency) => `${nameOf(concurrency, 0)}, compared with ${ANCESTOR}`,
);

async function measure({ rounds, directory, size }, concurrency, milliseconds) {
  const full = eventsFor(concurrency, milliseconds);
  const total = size(full, full / 10);
  const store = await fillStore(openStore(fresh(directory, 'keyed')), total);
  const raw = await fillRaw(openRaw(fresh(directory, 'keyed-raw')), total);
  const handler = HANDLERS[milliseconds];
  const options = { handler, concurrency, keyOf: ({ object }) => object.id };
  const figures = await compareWithEach({
    name: nameOf(concurrency, milliseconds),
    rounds,
    total,
    ours: { run: () => watchAll(store, total, options) },
    others: {
      [IDEAL]: { run: () => inLoops(raw, concurrency, handler) },
      [GROUPS]: { run: () => inGroups(raw, concurrency, handler) },
    },
  });
  await Promise.all([store.close(), raw.close()]);
  if (milliseconds > 0) return figures;
  return [...figures, besideAncestor({ ...figures[0], name: nameOf(concurrency, 0) })];
}

export async function keyed(context) {
  const figures = [];
  for (const milliseconds of Object.keys(HANDLERS)) {
    for (const concurrency of CONCURRENCIES) {
      figures.push(...(await measure(context, concurrency, Number(milliseconds))));
    }
  }
  return figures;
}
