// An empty handler of each kind, with default options, compared with handwritten code and with the Go library.
import { createManager } from 'rx-watcher';
import { of } from 'rxjs';
import { besideAncestor } from './ancestor.mjs';
import { inOrder } from './by-hand.mjs';
import { compare } from './figure.mjs';
import { fillRaw, fillStore, fresh, openRaw, openStore } from './logs.mjs';
import { manageAll, watchAll } from './reading.mjs';

const nothing = async () => undefined;
const BATCH = { handler: undefined, batchHandler: nothing };

/** Passes two logs with the same events to `work`: a store, and a file that lmdb-js opens without the library. */
async function withLogs({ size, directory }, work) {
  const total = size(100_000, 10_000);
  const store = await fillStore(openStore(fresh(directory, 'handlers')), total);
  const raw = await fillRaw(openRaw(fresh(directory, 'handlers-raw')), total);
  const figures = await work(store, raw, total);
  await Promise.all([store.close(), raw.close()]);
  return figures;
}

/** Creates the scenario of one kind of handler. `run` handles all events. */
const scenarioOf = (name, run) => (context) =>
  withLogs(context, async (store, raw, total) => {
    const figure = await compare({
      name,
      rounds: context.rounds,
      total,
      ours: { run: () => run(store, total) },
      other: 'handwritten code',
      theirs: { run: () => inOrder(raw, nothing) },
    });
    return [figure, besideAncestor(figure)];
  });

export const asyncHandler = scenarioOf('watch, async handler', (store, total) =>
  watchAll(store, total, { handler: nothing }),
);
export const managedHandler = scenarioOf('managed watcher, async handler', (store, total) =>
  manageAll(createManager(store), total, { handler: nothing }),
);
export const observableHandler = scenarioOf('watch, Observable handler', (store, total) =>
  watchAll(store, total, { handler: (event) => of(event) }),
);
export const batchHandler = scenarioOf('watch, batch handler', (store, total) =>
  watchAll(store, total, BATCH),
);

/** Kinds of watchers compared with each other. */
export const watcherKinds = (context) =>
  withLogs(context, async (store, _raw, total) => {
    const against = (name, run, other, otherRun) =>
      compare({ name, rounds: context.rounds, total, ours: { run }, other, theirs: { run: otherRun } });
    const asynchronous = { handler: nothing };
    return [
      await against(
        'managed watcher compared with watch, async handler',
        () => manageAll(createManager(store), total, asynchronous),
        'watch',
        () => watchAll(store, total, asynchronous),
      ),
      await against(
        'batch handler compared with a synchronous handler',
        () => watchAll(store, total, BATCH),
        'synchronous handler',
        () => watchAll(store, total),
      ),
    ];
  });
