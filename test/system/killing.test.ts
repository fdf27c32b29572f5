import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileLog } from '../../docs/examples/git-history/open-log.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { handledIn, heldBefore, runDemo, storedIn, tablesOf } from './demo.ts';
import { makeRepository } from './make-repository.ts';
import { killingGit, sizeOfHistory } from './partial-git.ts';
import { Random } from './random.ts';

const CHANGES = 5000;
const KILLS = 10;

test('the demo prints the same tables after ten kills as a run that was not interrupted', {
  timeout: 120_000,
}, async () => {
  const directory = testDirectory();
  const repository = await makeRepository(join(directory, 'repository'), CHANGES);
  const run = (store: string) => ['--repo', repository.directory, '--store', join(directory, store)];
  const undisturbed = await runDemo(run('undisturbed'));
  const total = storedIn(undisturbed);

  const seed = Date.now() % 1e6;
  const random = new Random(seed);
  const step = sizeOfHistory(repository.directory) / (KILLS + 2);
  const held: number[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const bytes = step * (kill + random.below(100) / 100);
    const env = killingGit(directory, bytes, random.below(400));
    const end = await runDemo(run('killed'), { env });
    expect({ seed, kill, signal: end.signal, stderr: end.stderr }).toMatchObject({
      signal: 'SIGKILL',
      stderr: '',
    });
    held.push(heldBefore(end));
  }
  const log = openFileLog(join(directory, 'killed'));
  const position = log.positions.get('authors') ?? 0;
  await log.close();

  const last = await runDemo(run('killed'));
  held.push(heldBefore(last));
  const details = `seed ${seed}, held ${held.join(' ')}, written ${position}`;
  expect(held, details).toEqual(held.toSorted((a, b) => a - b));
  expect(new Set(held).size, details).toBeGreaterThan(3);
  expect(held.at(-1), details).toBeLessThan(total);
  expect(position, details).toBeGreaterThan(0);
  expect(tablesOf(last), details).toBe(tablesOf(undisturbed));
  expect(storedIn(last), details).toBe(total - (held.at(-1) as number));

  const again = await runDemo(run('killed'));
  expect(tablesOf(again)).toBe(tablesOf(undisturbed));
  expect([storedIn(again), ...handledIn(again)]).toEqual([0, 0, 0, 0]);

  await repository.grow(300);
  const fresh = await runDemo(run('fresh'));
  const grown = await runDemo(run('killed'));
  const added = storedIn(fresh) - total;
  expect(added).toBeGreaterThan(250);
  expect(storedIn(grown)).toBe(added);
  expect(handledIn(grown).slice(0, 2)).toEqual([added, added]);
  expect(tablesOf(grown)).toBe(tablesOf(fresh));
});
