import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  linkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { StoreError } from 'rx-watcher';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createDataFileIdentity,
  type DataFileIdentity,
} from '../../../../src/engine/lmdb/file/data-file-identity.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

const directory = eachDirectory();
let path: string;
let env: RootDatabase;
let identity: DataFileIdentity;

beforeEach(() => {
  path = directory.file('events.lmdb');
  env = openEnv(path);
  identity = createDataFileIdentity(path, `${path}-lock`);
});
afterEach(async () => {
  await env.close();
});

/** Replaces a file by another one with the same content. */
function replace(file: string): void {
  copyFileSync(file, `${file}-copy`);
  renameSync(`${file}-copy`, file);
}

const cut = (file: string) => truncateSync(file, statSync(file).size - 1);

describe('the check of an open LMDB file that is intact', () => {
  test('the check of an open LMDB file reports no fault while LMDB writes and frees pages', async () => {
    for (let n = 0; n < 20; n++) {
      await env.put(n, 'x'.repeat(n * 5_000));
      expect(identity.check()).toBeUndefined();
    }
    for (let n = 0; n < 20; n++) await env.remove(n);
    expect(identity.check()).toBeUndefined();
  });

  test('the check of an open LMDB file reports no fault if only names, times or permissions of the file have changed', () => {
    linkSync(path, `${path}-second`);
    utimesSync(path, 0, 0);
    chmodSync(path, 0o600);
    expect(identity.check()).toBeUndefined();
  });
});

describe.each([
  ['data file', ''],
  ['lock file', '-lock'],
])('the check of an open LMDB file after a change of its %s', (name, suffix) => {
  test.each<[string, (file: string) => void]>([
    ['removed', rmSync],
    ['removed', (file) => renameSync(file, `${file}-moved`)],
    ['replaced', replace],
    [
      'replaced',
      (file) => {
        rmSync(file);
        writeFileSync(file, '');
      },
    ],
    ['truncated', cut],
  ])(
    'the check of an open LMDB file reports that the data file or the lock file was %s (case %#)',
    (change, apply) => {
      apply(`${path}${suffix}`);
      const fault = identity.check();

      expect(fault).toBeInstanceOf(StoreError);
      expect(fault?.message).toContain(
        `the ${name} '${path}${suffix}' was ${change} while the store had it open; `,
      );
    },
  );
});

test('the check of an open LMDB file reports that the file was truncated, even if the file had grown before', async () => {
  const before = statSync(path).size;
  await env.put('key', 'x'.repeat(20_000));
  expect(identity.check()).toBeUndefined();
  truncateSync(path, before);
  expect(identity.check()?.message).toContain('truncated');
});

test('the check of an open LMDB file reports no fault if only unused pages at the end were removed', () => {
  const before = statSync(path).size;
  appendFileSync(path, Buffer.alloc(10_000));
  expect(identity.check()).toBeUndefined();
  truncateSync(path, before);
  expect(identity.check()).toBeUndefined();
});

test('the check of an open LMDB file reports a fault again in each later call, even if the file is moved back', () => {
  renameSync(path, `${path}-moved`);
  const fault = identity.check();
  renameSync(`${path}-moved`, path);

  expect(fault).toBeInstanceOf(StoreError);
  expect(identity.check()).toBe(fault);
});

test('the check of an open LMDB file reads the path again if the previous check could not read the path', () => {
  const parent = dirname(path);
  const moved = `${parent}-moved`;
  renameSync(parent, moved);
  symlinkSync(basename(parent), parent);
  const fault = identity.check();
  rmSync(parent);
  renameSync(moved, parent);

  expect(fault).toBeInstanceOf(StoreError);
  expect(fault?.message).toMatch(/cannot check .*ELOOP/);
  expect(identity.check()).toBeUndefined();
});

test('createDataFileIdentity throws if a file is missing or its path cannot be read', () => {
  const missing = () => createDataFileIdentity(path, directory.file('missing'));
  expect(missing).toThrow(StoreError);
  expect(missing).toThrow(/lock file '.*missing' was removed/);

  const tooLong = () => createDataFileIdentity(directory.file('x'.repeat(300)), path);
  expect(tooLong).toThrow(StoreError);
  expect(tooLong).toThrow(/cannot check/);
});
