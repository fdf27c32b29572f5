import { linkSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { StoreError } from 'rx-watcher';
import { beforeEach, describe, expect, test } from 'vitest';
import { resolveDataFile } from '../../../../src/engine/lmdb/open/resolve-data-file.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const directory = eachDirectory();
let root: string;
const real = (...names: readonly string[]) => join(root, ...names);

beforeEach(() => {
  root = realpathSync(directory.file(''));
  mkdirSync(directory.file('data'));
  writeFileSync(directory.file('data/there'), '');
  symlinkSync('data', directory.file('linked'));
  symlinkSync('linked/there', directory.file('to-file'));
  symlinkSync(real('linked/missing'), directory.file('to-missing'));
  symlinkSync('to-missing', directory.file('to-link-to-missing'));
  symlinkSync('nowhere/below', directory.file('to-missing-directory'));
});

describe('resolveDataFile', () => {
  test.each([
    ['a file', 'data/there', ['data', 'there']],
    ['a missing file', 'data/missing', ['data', 'missing']],
    ['a file in missing directories', 'data/a/b/missing', ['data', 'a', 'b', 'missing']],
    ['a link to a file', 'to-file', ['data', 'there']],
    ['a file in a linked directory', 'linked/there', ['data', 'there']],
    ['a missing file in a linked directory', 'linked/a/missing', ['data', 'a', 'missing']],
    ['a dangling link', 'to-missing', ['data', 'missing']],
    ['a link to a dangling link', 'to-link-to-missing', ['data', 'missing']],
    ['a link into a missing directory', 'to-missing-directory', ['nowhere', 'below']],
  ])('resolveDataFile resolves the path of %s', (_name, name, expected) => {
    expect(resolveDataFile(directory.file(name))).toBe(real(...expected));
  });

  test('resolveDataFile resolves link/.. to the parent of the directory to which the symbolic link refers', () => {
    mkdirSync(directory.file('data/below'));
    symlinkSync('data/below', directory.file('deep'));
    for (const name of ['there', 'missing']) {
      expect(resolveDataFile(`${directory.file('deep')}/../${name}`)).toBe(real('data', name));
    }
  });

  test('resolveDataFile resolves a relative path from the current directory', () => {
    const relativePath = (...names: readonly string[]) => relative(process.cwd(), real(...names));
    expect(resolveDataFile(relativePath('linked', 'there'))).toBe(real('data', 'there'));
    expect(resolveDataFile(relativePath('linked', 'missing'))).toBe(real('data', 'missing'));
  });
});

describe('resolveDataFile for a path without a usable file', () => {
  const failing = (name: string) => () => resolveDataFile(directory.file(name));

  test('resolveDataFile rejects a symbolic link that refers to itself', () => {
    symlinkSync('circle', directory.file('circle'));
    expect(failing('circle')).toThrow(StoreError);
    expect(failing('circle')).toThrow(/cannot open '.*circle' as a store: ELOOP/);
  });

  test('resolveDataFile rejects a path that leads through a file, and a file name that is not valid', () => {
    for (const name of ['data/there/below', 'data/there/below/it', 'x'.repeat(300), 'a\0b']) {
      expect(failing(name)).toThrow(StoreError);
    }
  });

  test('resolveDataFile rejects a file with a second hard link, and accepts the file when that link is removed', () => {
    linkSync(directory.file('data/there'), directory.file('second'));
    for (const name of ['data/there', 'second', 'to-file']) {
      expect(failing(name)).toThrow(StoreError);
      expect(failing(name)).toThrow(/2 hard links.*remove the other links/);
    }
    rmSync(directory.file('second'));
    expect(failing('to-file')()).toBe(real('data', 'there'));
  });
});

test('resolveDataFile accepts a backup with the temporary hard link of an interrupted backup', () => {
  mkdirSync(directory.file('data/.rx-watcher-a'));
  linkSync(directory.file('data/there'), directory.file('data/.rx-watcher-a/data.mdb'));
  mkdirSync(directory.file('data/.rx-watcher-b'));
  writeFileSync(directory.file('data/.rx-watcher-b/data.mdb'), '');
  mkdirSync(directory.file('data/.rx-watcher-c'));

  expect(resolveDataFile(directory.file('to-file'))).toBe(real('data', 'there'));

  linkSync(directory.file('data/there'), directory.file('second'));
  expect(() => resolveDataFile(directory.file('to-file'))).toThrow('2 hard links');
});
