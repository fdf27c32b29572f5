import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyCommand } from './arbitrary-commands.ts';
import * as commands from './commands.ts';
import { RealWatcher } from './real-watcher.ts';
import { WatcherModel } from './watcher-model.ts';

/** Runs the watcher from any state until it has handled all events. */
async function drain(model: WatcherModel, real: RealWatcher): Promise<void> {
  const run = (command: commands.WatcherCommand) => command.run(model, real);
  if (model.state === 'paused') await run(commands.resume());
  if (model.state !== 'running') {
    await run(commands.stop());
    while (model.inFlight.size > 0) await run(commands.succeed(0));
    await run(commands.seek({ type: 'trim_horizon' }));
  }
  while (!model.isCaughtUp) {
    await run(model.inFlight.size > 0 ? commands.succeed(0) : commands.advance(1000));
  }
}

test.each([1, 3])(
  'a watcher with concurrency %i behaves like a simple model of a watcher after any sequence of commands',
  async (concurrency) => {
    await fc.assert(
      fc.asyncProperty(fc.commands(anyCommand, { maxCommands: 60, size: 'max' }), async (all) => {
        const model = new WatcherModel(concurrency);
        const real = new RealWatcher(model, concurrency);
        await fc.asyncModelRun(() => ({ model, real }), all);
        await drain(model, real);

        expect(model.accountedFor.size).toBe(model.log.latest);
      }),
      { numRuns: 300 },
    );
  },
);
