import fc from 'fast-check';
import type { StoreOptions } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { expect, test } from 'vitest';
import { openEnv } from '../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { reopening } from './arbitrary-commands.ts';
import { anyCommand, anyGcOptions, transacting } from './arbitrary-writes.ts';
import { RealStore } from './real-store.ts';
import type { AppCommand } from './store-commands.ts';
import { type GcOptions, StoreModel } from './store-model.ts';
import type { AppStore } from './writing.ts';

type Open = (options: StoreOptions) => AppStore;

/** Runs commands on a store and on a model, and compares their results. */
async function expectSameResults(
  open: Open,
  gcOptions: GcOptions,
  commands: Iterable<AppCommand>,
): Promise<void> {
  const { maxEvents, ...rest } = gcOptions;
  const options = {
    ...rest,
    retention: { maxEvents },
    longPollingTimeout: 0,
    gcCadence: 2 ** 31 - 1, // longer than any test, so that only commands collect garbage
  };
  const model = new StoreModel(gcOptions);
  const real = new RealStore((scheduler) => open({ ...options, scheduler }));
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await real.close();
  expect(real.liveEvents).toStrictEqual(model.events);
}

/** Opens a store in an environment of the application, with a table of the application. */
function openInApp(path: string, options: StoreOptions): AppStore {
  const env = openEnv(path);
  const store = openLmdbStore({ ...options, env });
  return {
    ...store,
    appTable: env.openDB<number, string>({ name: 'own', encoding: 'json' }),
    async close() {
      await store.close();
      await env.close();
    },
  };
}

test('a memory store returns the same results as a simple array model after any sequence of commands', async () => {
  const commands = fc.commands([...anyCommand], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(anyGcOptions, commands, (gcOptions, all) =>
      expectSameResults(createMemoryStore, gcOptions, all),
    ),
    { numRuns: 150 },
  );
});

test.each<[string, (path: string, options: StoreOptions) => AppStore]>([
  ['on a path', (path, options) => openLmdbStore({ ...options, path })],
  ['in the environment of an application', openInApp],
])(
  'an LMDB store %s returns the same results as a simple array model after any sequence of commands',
  async (_name, open) => {
    const commands = fc.commands([...anyCommand, transacting, transacting, reopening], {
      maxCommands: 40,
      size: 'max',
    });

    await fc.assert(
      fc.asyncProperty(anyGcOptions, commands, async (gcOptions, all) => {
        const directory = await temporaryDirectory();
        await expectSameResults((options) => open(directory.file('events.lmdb'), options), gcOptions, all);
        await directory.remove();
      }),
      { numRuns: 40 },
    );
  },
);
