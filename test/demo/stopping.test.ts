import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heldBefore } from './figures.ts';
import { makeRepository } from './make-repository.ts';
import { runDemo, startDemo } from './start-demo.ts';
import { tablesOf } from './tables-of.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s, twice as npm sends it, ends it well, and it goes on',
  async (signal) => {
    const directory = temporaryDirectory();
    await makeRepository(join(directory, 'repository'), 1500);
    const run = (store: string) => [
      '--repo',
      join(directory, 'repository'),
      '--store',
      join(directory, store),
    ];
    const stopped = startDemo([...run('stopped'), '--rate', '1000']);
    await stopped.printed('changed-files');
    stopped.kill(signal);
    stopped.kill(signal);
    const { code, stdout, stderr } = await stopped.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/\nstopped behind event \d+; the same command goes on from there\n$/);

    const goneOn = await runDemo(run('stopped'));
    expect(heldBefore(goneOn)).toBe(Number(/behind event (\d+)/.exec(stdout)?.[1]));
    expect(tablesOf(goneOn)).toBe(tablesOf(await runDemo(run('undisturbed'))));
  },
);

test('nobody reads its output any more: it stops', async () => {
  const directory = temporaryDirectory();
  await makeRepository(join(directory, 'repository'), 1500);
  const demo = startDemo([
    '--repo',
    join(directory, 'repository'),
    '--store',
    join(directory, 'store'),
    '--rate',
    '1',
  ]);
  await demo.printed('store ');
  demo.stopReading();
  const { code, stderr } = await demo.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
});

test('a second run waits until the first has ended, however that ends', async () => {
  const directory = temporaryDirectory();
  await makeRepository(join(directory, 'repository'), 1500);
  const run = (store: string) => ['--repo', join(directory, 'repository'), '--store', join(directory, store)];
  const first = startDemo([...run('shared'), '--rate', '100']);
  await first.printed('changed-files');
  const second = startDemo(run('shared'));
  await second.printed('another run has the store open');
  first.kill('SIGKILL');
  const end = await second.ended;
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(tablesOf(end)).toBe(tablesOf(await runDemo(run('undisturbed'))));
});
