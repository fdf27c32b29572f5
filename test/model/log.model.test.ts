import fc from 'fast-check';
import type { EventLog } from 'rx-watcher';
import { expect, test } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { LogModel } from '../../src/testing/log-model.ts';
import { openLmdbLog } from '../support/lmdb/lmdb-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { anyLogCommand, reopening } from './arbitrary-commands.ts';
import { type LogCommand, storeOn } from './log-commands.ts';
import { RealStore } from './real-store.ts';

/** Runs commands on a log and on a model, and compares their results. */
async function expectSameResults(openLog: () => EventLog, commands: Iterable<LogCommand>): Promise<void> {
  const model = new LogModel();
  const real = new RealStore((scheduler) => storeOn(openLog(), scheduler));
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await real.close();
  expect(real.liveEvents).toStrictEqual(model.events);
}

test('an event log in memory returns the same results as a simple array model after any sequence of commands', async () => {
  const commands = fc.commands([...anyLogCommand], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(commands, (all) => expectSameResults(createMemoryEventLog, all)),
    { numRuns: 200 },
  );
});

test('an event log on LMDB returns the same results as a simple array model after any sequence of commands', async () => {
  const commands = fc.commands([...anyLogCommand, reopening], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(commands, async (all) => {
      const directory = await temporaryDirectory();
      await expectSameResults(() => openLmdbLog(directory.file('events.lmdb')), all);
      await directory.remove();
    }),
    { numRuns: 60 },
  );
});
