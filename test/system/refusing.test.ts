import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { expect, test } from 'vitest';
import { testDirectory } from '../support/temporary-directory.ts';
import { runDemo } from './demo.ts';
import { makeRepository } from './make-repository.ts';

/** Returns the paths and contents of all files in a directory, except locks and gates, which do not belong to a store. */
const snapshot = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-lock$|-gate\b/.test(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, 'latin1')]);

async function createPlaces(directory: string): Promise<void> {
  mkdirSync(join(directory, 'nowhere'));
  mkdirSync(join(directory, 'folder.lmdb'));
  execFileSync('git', ['init', '--quiet', join(directory, 'empty')]);
  await makeRepository(join(directory, 'good'), 30);
  await makeRepository(join(directory, 'other'), 30, 2);
  writeFileSync(join(directory, 'letter.txt'), 'Dear all,\n'.repeat(1000));
  const foreign = open({ path: join(directory, 'foreign.lmdb'), noSubdir: true });
  await foreign.openDB({ name: 'events' }).put('a', 1);
  await foreign.close();
  const made = await runDemo(['--repo', 'other', '--store', 'other.lmdb'], { cwd: directory });
  if (made.code !== 0) throw new Error(made.stderr);
  const bytes = readFileSync(join(directory, 'other.lmdb'));
  writeFileSync(join(directory, 'cut.lmdb'), bytes.subarray(0, 9000));
  cpSync(join(directory, 'other.lmdb'), join(directory, 'renamed.txt'));
}

const GOOD = ['--repo', 'good'];

test('the demo reports an invalid argument or path in one line, exits with code 2 and writes nothing', {
  timeout: 60_000,
}, async () => {
  const directory = testDirectory();
  await createPlaces(directory);
  const before = snapshot(directory);
  const cases: [readonly string[], RegExp][] = [
    [
      ['--repo', 'nowhere'],
      /cannot read '.*\/nowhere' as a git repository: [^\n]+; name another directory with --repo/,
    ],
    [['--repo', 'missing\nplace'], /cannot read '.*\/missing\\nplace' as a git repository: /],
    [['--repo', 'empty'], /cannot read the history of '.*\/empty': it has no commits; commit something/],
    [['--nonsense'], /unknown option '--nonsense'; see npm run demo -- --help/],
    [[...GOOD, '--store', 'letter.txt'], /letter\.txt.*not an LMDB data file.*; it was not changed;/],
    [
      [...GOOD, '--store', 'letter.txt', '--fresh'],
      /letter\.txt.*not an LMDB data file.*; it was not changed;/,
    ],
    [[...GOOD, '--store', 'letter.txt/store'], /ENOTDIR|EEXIST/],
    [
      [...GOOD, '--store', 'folder.lmdb', '--fresh'],
      /cannot use '.*\/folder\.lmdb' as a store: it is not a file; it was not changed/,
    ],
    [
      [...GOOD, '--store', 'foreign.lmdb'],
      /foreign\.lmdb' as a store: it was not created by this demo; it was not changed/,
    ],
    [
      [...GOOD, '--store', 'foreign.lmdb', '--fresh'],
      /foreign\.lmdb' as a store: it was not created by this demo; it was not changed/,
    ],
    [[...GOOD, '--store', 'cut.lmdb'], /cut\.lmdb.*truncated/],
    [
      [...GOOD, '--store', 'other.lmdb'],
      /cannot continue the store: it holds another repository than '.*\/good', .* --fresh/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, stdout, stderr } = await runDemo(args, { cwd: directory });
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  }
  expect(snapshot(directory)).toEqual(before);
});

test('the demo reports that git is not installed', async () => {
  const cwd = testDirectory();
  const { code, stderr } = await runDemo([], { cwd, env: { PATH: cwd } });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^error: cannot find git: [^\n]+\n$/),
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('the demo starts over with --fresh, whatever the repository and the file name of the store are', async () => {
  const cwd = testDirectory();
  await makeRepository(join(cwd, 'one'), 30);
  await makeRepository(join(cwd, 'two'), 30, 2);
  await runDemo(['--repo', 'one', '--store', 'store.txt'], { cwd });
  const { code, stdout } = await runDemo(['--repo', 'two', '--store', 'store.txt', '--fresh'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/store\.txt, 0 events/);
});

test('by default, the demo creates its files in the current directory, one for each repository', async () => {
  const cwd = testDirectory();
  await makeRepository(join(cwd, 'one'), 30);
  await makeRepository(join(cwd, 'two'), 30);
  for (const repo of ['one', 'two', 'one']) expect((await runDemo(['--repo', repo], { cwd })).code).toBe(0);
  const stores = readdirSync(join(cwd, '.rx-watcher-demo')).filter((name) => name.endsWith('.lmdb'));
  expect(stores.toSorted()).toEqual([
    expect.stringMatching(/^one-\w{8}/),
    expect.stringMatching(/^two-\w{8}/),
  ]);
});
