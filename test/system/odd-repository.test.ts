import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDirectory } from '../support/temporary-directory.ts';
import { runDemo, tablesOf } from './demo.ts';
import { git, makeOddRepository } from './odd-repository.ts';

/** Settings that change the output of `git log`, or its order. */
const SETTINGS = {
  'color.ui': 'always',
  'core.quotePath': 'true',
  'diff.external': '/bin/false',
  'diff.ignoreSubmodules': 'all',
  'diff.noprefix': 'true',
  'diff.relative': 'true',
  'diff.renameLimit': '1',
  'diff.renames': 'false',
  'format.pretty': 'fuller',
  'i18n.logOutputEncoding': 'latin1',
  'log.date': 'relative',
  'log.decorate': 'full',
  'log.diffMerges': 'on',
  'log.follow': 'true',
  'log.mailmap': 'true',
  'log.showRoot': 'false',
  'log.showSignature': 'true',
};

test('the demo reads unusual names of files and directories, independently of the configuration and environment of git', async () => {
  const root = testDirectory();
  const directory = join(root, 'a "b\' ü\nc');
  mkdirSync(directory);
  makeOddRepository(directory);
  const plain = tablesOf(await runDemo(['--repo', directory], { cwd: root }));
  for (const row of [
    'new\\nline.ts',
    're\\nnamed.md',
    '--',
    ':(glob)x',
    'tab\\u{9}',
    'ünï.TS',
    'ÿ.c',
    'below/file',
  ]) {
    expect(plain).toContain(` ${row} `);
  }
  expect(plain).not.toContain('uo\\te.md');
  expect(plain).toMatch(/Zoë \\u\{1b\}\[31m │ +3 │ +12 │ 2020-03-01 │ 2020-03-01 │/);
  expect(plain).toMatch(/new\\nline\.ts │ 2020-03-01 │ .* │ three/);
  expect(plain).not.toContain('\x1b');

  for (const [name, value] of Object.entries(SETTINGS)) git(directory, 'config', name, value);
  writeFileSync(join(root, 'order'), '*.md\n');
  git(directory, 'config', 'diff.orderFile', join(root, 'order'));
  git(directory, 'checkout', '--quiet', '--detach');
  const env = {
    ...process.env,
    GIT_DIR: join(root, 'elsewhere'),
    GIT_EXTERNAL_DIFF: '/bin/false',
    LC_ALL: 'de_DE',
  };
  const again = await runDemo(['--store', join(root, 'odd.lmdb')], { cwd: join(directory, 'below'), env });
  expect(tablesOf(again)).toBe(plain);
});

test('the demo reads the history of a shallow clone from its first available commit on', async () => {
  const root = testDirectory();
  makeOddRepository(join(root, 'whole'));
  git(root, 'clone', '--quiet', '--depth', '2', `file://${join(root, 'whole')}`, 'shallow');
  const end = await runDemo(['--repo', 'shallow'], { cwd: root });
  expect(tablesOf(end)).toContain('9 events'); // in a shallow clone, the first commit adds all existing files
  expect(tablesOf(end)).toContain('Deleted files, the latest first (0 of 0)');
});
