import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDirectory } from '../support/temporary-directory.ts';
import { heldBefore, runDemo, startDemo, stoppedAfter, tablesOf } from './demo.ts';
import { makeRepository } from './make-repository.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the demo stops when it receives %s twice, as npm sends it, and continues in the next run',
  async (signal) => {
    const directory = testDirectory();
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
    const end = await stopped.ended;
    expect({ code: end.code, stderr: end.stderr }).toEqual({ code: 130, stderr: '' });

    const continued = await runDemo(run('stopped'));
    expect(heldBefore(continued)).toBe(stoppedAfter(end));
    expect(tablesOf(continued)).toBe(tablesOf(await runDemo(run('undisturbed'))));
  },
);

test('the demo stops when the reader of its output closes the pipe', async () => {
  const directory = testDirectory();
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

test('the demo waits until another process that uses the store has ended, even if that process is killed', async () => {
  const directory = testDirectory();
  await makeRepository(join(directory, 'repository'), 1500);
  const run = (store: string) => ['--repo', join(directory, 'repository'), '--store', join(directory, store)];
  const first = startDemo([...run('shared'), '--rate', '100']);
  await first.printed('changed-files');
  const second = startDemo(run('shared'));
  await second.printed('another run uses the store');
  first.kill('SIGKILL');
  const end = await second.ended;
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(tablesOf(end)).toBe(tablesOf(await runDemo(run('undisturbed'))));
});
