import fc from 'fast-check';
import type { StoreOptions } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { createMemoryStore } from 'rx-watcher/memory';
import { expect, test } from 'vitest';
import { openEnv } from '../conformance/lmdb-log.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { reopening } from './arbitrary-commands.ts';
import { anyCommand, anyKeeping, transacting } from './arbitrary-writes.ts';
import { RealStore } from './real-store.ts';
import type { AppCommand } from './store-commands.ts';
import { type Keeping, StoreModel } from './store-model.ts';
import type { AppStore } from './writing.ts';

type Open = (options: StoreOptions) => AppStore;

/** Does the same to a store and to the model of one, and compares whatever they give back. */
async function expectAlike(open: Open, keeping: Keeping, commands: Iterable<AppCommand>): Promise<void> {
  const { maxEvents, ...rest } = keeping;
  const options = {
    ...rest,
    retention: { maxEvents },
    longPollingTimeout: 0,
    gcCadence: 2 ** 31 - 1, // longer than any test: garbage is collected when a command says so
  };
  const model = new StoreModel(keeping);
  const real = new RealStore((scheduler) => open({ ...options, scheduler }));
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await real.close();
  expect(real.followed).toStrictEqual(model.events);
}

/** A store in an environment of the application, which puts rows of its own beside the events. */
function openInApp(path: string, options: StoreOptions): AppStore {
  const env = openEnv(path);
  const store = openLmdbStore({ ...options, env });
  return {
    ...store,
    own: env.openDB<number, string>({ name: 'own', encoding: 'json' }),
    async close() {
      await store.close();
      await env.close();
    },
  };
}

test('in memory, whatever is done to it, a store behaves as an array does', async () => {
  const commands = fc.commands([...anyCommand], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(anyKeeping, commands, (keeping, all) => expectAlike(createMemoryStore, keeping, all)),
    { numRuns: 150 },
  );
});

test.each<[string, (path: string, options: StoreOptions) => AppStore]>([
  ['on a path', (path, options) => openLmdbStore({ ...options, path })],
  ['in the environment of an application', openInApp],
])('%s, whatever is done to it, a store behaves as an array does', async (_where, open) => {
  const commands = fc.commands([...anyCommand, transacting, transacting, reopening], {
    maxCommands: 40,
    size: 'max',
  });

  await fc.assert(
    fc.asyncProperty(anyKeeping, commands, async (keeping, all) => {
      const directory = await temporaryDirectory();
      await expectAlike((options) => open(directory.file('events.lmdb'), options), keeping, all);
      await directory.remove();
    }),
    { numRuns: 40 },
  );
});
