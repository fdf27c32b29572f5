import fc from 'fast-check';
import type { EventLog } from 'rx-watcher';
import { expect, test } from 'vitest';
import { createMemoryEventLog } from '../../src/engine/memory/memory-event-log.ts';
import { LogModel } from '../../src/testing/log-model.ts';
import { openLmdbLog } from '../conformance/lmdb-log.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { anyLogCommand, reopening } from './arbitrary-commands.ts';
import { type LogCommand, storeOn } from './log-commands.ts';
import { RealStore } from './real-store.ts';

/** Does the same to a log and to the model of one, and compares whatever they give back. */
async function expectAlike(openLog: () => EventLog, commands: Iterable<LogCommand>): Promise<void> {
  const model = new LogModel();
  const real = new RealStore((scheduler) => storeOn(openLog(), scheduler));
  await fc.asyncModelRun(() => ({ model, real }), commands);
  await real.close();
  expect(real.followed).toStrictEqual(model.events);
}

test('in memory, whatever is done to it, a log behaves as an array does', async () => {
  const commands = fc.commands([...anyLogCommand], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(commands, (all) => expectAlike(createMemoryEventLog, all)),
    { numRuns: 200 },
  );
});

test('on LMDB, whatever is done to it, a log behaves as an array does', async () => {
  const commands = fc.commands([...anyLogCommand, reopening], { maxCommands: 40, size: 'max' });

  await fc.assert(
    fc.asyncProperty(commands, async (all) => {
      const directory = await temporaryDirectory();
      await expectAlike(() => openLmdbLog(directory.file('events.lmdb')), all);
      await directory.remove();
    }),
    { numRuns: 60 },
  );
});
