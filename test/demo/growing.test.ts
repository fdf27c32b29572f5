import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { heldBefore, storedIn } from './figures.ts';
import { makeRepository } from './make-repository.ts';
import { runDemo, startDemo } from './start-demo.ts';
import { tablesOf } from './tables-of.ts';
import { temporaryDirectory } from './temporary-directory.ts';

async function prepare(changes: number) {
  const directory = temporaryDirectory();
  const repository = await makeRepository(join(directory, 'repository'), changes);
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', repository.directory, ...args], { encoding: 'utf8' }).trim();
  const args = (store: string) => ['--repo', repository.directory, '--store', join(directory, store)];
  return { repository, git, run: (store: string) => runDemo(args(store)), args };
}

test('an import that was cut short is finished before what has been committed since', async () => {
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

test('an older HEAD brings nothing new; one that has diverged is refused', async () => {
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
  expect(diverged.stderr).toMatch(/^error: [^\n]*diverged[^\n]*--fresh\n$/);
});

test('commits without a change to a file bring no events', async () => {
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
