import { describe, expect, test } from 'vitest';
import { eachDirectory } from '../support/each-directory.ts';
import { type Program, startProcess } from '../support/program.ts';

const WAITING = [
  'a live events()',
  'a live headers()',
  'a watch()',
  'a started watcher',
  'a standby',
  'an active watcher under a lease',
  'a watcher that resumed',
] as const;

const IDLE = [
  'a store with garbage collection alone',
  'an events() that is not live',
  'an unsubscribed events()',
  'a paused watcher',
  'a watcher paused while it waits',
  'a paused watcher under a lease',
  'a watch() paused by pauseWhen',
  'a stopped watcher',
  'a watcher that failed',
  'a closed store with readers',
] as const;

describe.each(['in memory', 'on LMDB'])('%s', (engine) => {
  let file: string;
  eachDirectory((directory) => {
    file = directory.file('events.lmdb');
  });

  /** Starts a process and returns it when it has set up the scenario. */
  async function start(scenario: string, options: { readonly keepAlive?: boolean } = {}) {
    const where = engine === 'in memory' ? {} : { path: file };
    const program = startProcess(
      new URL('./keep-alive.mjs', import.meta.url),
      scenario,
      JSON.stringify({ ...where, ...options }),
    );
    expect(await program.readLine()).toBe('ready');
    return program;
  }
  /**
   * Waits until nothing keeps the process alive and the process has ended successfully. On a slow machine, the process can
   * print `alive` first.
   */
  async function isOver(program: Program) {
    const line = await program.readLine();
    expect(line === 'alive' ? await program.readLine() : line).toBe('over');
    await program.ended;
  }

  test.each(WAITING)('%s keeps the process alive by default', async (scenario) => {
    const program = await start(scenario);
    expect(await program.readLine()).toBe('alive');
    await program.kill();
  });

  test.each(WAITING)('%s does not keep the process alive if keepAlive is false', async (scenario) => {
    await isOver(await start(scenario, { keepAlive: false }));
  });

  test.each(IDLE)('%s does not keep the process alive, even by default', async (scenario) => {
    await isOver(await start(scenario));
  });
});
