import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileLog } from '../../docs/examples/git-history/open-log.ts';
import { testDirectory } from '../support/temporary-directory.ts';
import { heldBefore, runDemo, startDemo, storedIn, tablesOf } from './demo.ts';
import { makeRepository } from './make-repository.ts';

async function prepare(changes: number) {
  const directory = testDirectory();
  const repository = await makeRepository(join(directory, 'repository'), changes);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository.directory, ...args], { encoding: 'utf8' }).trim();
  const args = (store: string) => ['--repo', repository.directory, '--store', join(directory, store)];
  return { directory, repository, git, run: (store: string) => runDemo(args(store)), args };
}

test('the demo completes the interrupted import of a history before it imports newer commits', async () => {
  const { repository, run, args } = await prepare(1500);
  const first = startDemo([...args('store'), '--rate', '1000']);
  await first.printed('changed-files');
  first.kill('SIGINT');
  await first.ended;
  await repository.grow(500);
  const end = await run('store');
  expect(heldBefore(end)).toBeLessThan(1500);
  expect(tablesOf(end)).toBe(tablesOf(await run('fresh')));
});

test('the demo stores nothing if the repository has moved to an older commit, and rejects a history that has diverged', async () => {
  const { git, run } = await prepare(200);
  const newest = await run('store');
  const tip = git('rev-parse', 'main');
  git('update-ref', '--no-deref', 'HEAD', `${tip}~3`);
  const older = await run('store');
  expect(storedIn(older)).toBe(0);
  expect(tablesOf(older)).toBe(tablesOf(newest));

  const who = ['-c', 'user.name=n', '-c', 'user.email=e'];
  const other = git(...who, 'commit-tree', '-m', 'other', '-p', `${tip}~3`, `${tip}~3^{tree}`);
  git('update-ref', '--no-deref', 'HEAD', other);
  const diverged = await run('store');
  expect(diverged.code).toBe(2);
  expect(diverged.stderr).toMatch(
    /^error: cannot continue the store: HEAD of [^\n]* has diverged from its last commit, [^\n]*--fresh\n$/,
  );
});

test('the demo stores no events for commits without file changes', async () => {
  const { git, run } = await prepare(200);
  const before = await run('store');
  const who = ['-c', 'user.name=n', '-c', 'user.email=e'];
  git(
    'update-ref',
    'refs/heads/main',
    git(...who, 'commit-tree', '-m', 'empty', '-p', 'main', 'main^{tree}'),
  );
  for (let runs = 0; runs < 2; runs++) {
    const after = await run('store');
    expect({ code: after.code, stored: storedIn(after) }).toEqual({ code: 0, stored: 0 });
    expect(tablesOf(after)).toBe(tablesOf(before));
  }
});

test('the demo rejects a history with fewer changes than an interrupted import of that history has stored', async () => {
  const { directory, git, run } = await prepare(50);
  const first = await run('store');
  const log = openFileLog(join(directory, 'store'));
  const record = { tip: git('rev-parse', 'main'), stored: storedIn(first) + 1, done: false };
  await log.transaction(() => void log.imports.put('import', record));
  await log.close();

  const { code, stderr } = await run('store');
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'error: the history has changed since its import began; start over with --fresh\n',
  });
});
