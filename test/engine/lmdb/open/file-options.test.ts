import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreError } from 'rx-watcher';
import { type LmdbStoreOptions, openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { faultsOf } from './refused-options.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

/** Returns the permissions of all files and directories below a directory. */
const permissions = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).map((entry) => ({
    name: join(entry.parentPath, entry.name),
    isDirectory: entry.isDirectory(),
    mode: statSync(join(entry.parentPath, entry.name)).mode & 0o777,
  }));

const modesOf = (directory: string) => ({
  files: new Set(
    permissions(directory)
      .filter(({ isDirectory }) => !isDirectory)
      .map(({ mode }) => mode),
  ),
  directories: new Set(
    permissions(directory)
      .filter(({ isDirectory }) => isDirectory)
      .map(({ mode }) => mode),
  ),
});

/** Opens a store in a new directory, writes to it, and creates a backup in another new directory. */
async function createEverything(options: LmdbStoreOptions): Promise<readonly string[]> {
  const store = openLmdbStore({ createDirectories: true, ...options });
  await store.storeEvent(created(1));
  await store.backup(join(dirname(path), 'backups/copy.lmdb'));
  const names = permissions(dirname(path)).map(({ name }) => name);
  await store.close();
  return names;
}

describe('the files and directories that openLmdbStore and openLmdbEnv create', () => {
  let umask: number;
  beforeEach(() => {
    umask = process.umask(0);
  });
  afterEach(() => {
    process.umask(umask);
  });

  test('the files and directories of a store can be accessed only by their owner by default', async () => {
    const file = join(dirname(path), 'data/events.lmdb');

    const names = await createEverything({ path: file });

    expect(names).toEqual(
      expect.arrayContaining([
        file,
        `${file}-lock`,
        `${file}-gate`,
        join(dirname(path), 'backups/copy.lmdb'),
      ]),
    );
    expect(modesOf(dirname(path))).toEqual({ files: new Set([0o600]), directories: new Set([0o700]) });
  });

  test('the files of a store have the permissions of the option mode, and its directories can also be entered', async () => {
    await createEverything({ path: join(dirname(path), 'data/events.lmdb'), mode: 0o640 });

    expect(modesOf(dirname(path))).toEqual({ files: new Set([0o640]), directories: new Set([0o750]) });
  });

  test('the files and directories of an environment and its store can be accessed only by their owner by default', async () => {
    const env = openLmdbEnv({ path });
    await createEverything({ env });
    await env.close();

    expect(modesOf(dirname(path))).toEqual({ files: new Set([0o600]), directories: new Set([0o700]) });
  });

  test('the files and directories of an environment have the permissions of the option mode', async () => {
    const env = openLmdbEnv({ path, mode: 0o660 });
    await createEverything({ env, mode: 0o660 });
    await env.close();

    expect(modesOf(dirname(path))).toEqual({ files: new Set([0o660]), directories: new Set([0o770]) });
  });
});

test('the umask of the process restricts the permissions that the option mode sets', async () => {
  const umask = process.umask(0o027);
  try {
    await createEverything({ path, mode: 0o666 });
  } finally {
    process.umask(umask);
  }

  expect(modesOf(dirname(path))).toEqual({ files: new Set([0o640]), directories: new Set([0o750]) });
});

test.each([0, 0o400, 0o700, 0o1600, -1, 0o600 + 0.5, 2 ** 32 + 0o600, Number.NaN, '0600'])(
  'openLmdbStore and openLmdbEnv reject the value %s of the option mode',
  (mode) => {
    expect(faultsOf({ path, mode })).toEqual(['mode']);
    expect(() => openLmdbEnv({ path, mode } as never)).toThrow('mode');
    expect(existsSync(path)).toBe(false);
  },
);

describe('below a directory that does not exist', () => {
  const below = () => join(dirname(path), 'mistyped/events.lmdb');

  test.each([
    ['a store', () => openLmdbStore({ path: below() })],
    [
      'a store with createDirectories: false',
      () => openLmdbStore({ path: below(), createDirectories: false }),
    ],
    ['an environment', () => openLmdbEnv({ path: below() })],
  ])(
    '%s with a path below a directory that does not exist cannot be opened, and nothing is created',
    (_name, open) => {
      expect(open).toThrow(StoreError);
      expect(open).toThrow(
        `the directory '${dirname(below())}' does not exist; create it, or open the store with createDirectories: true`,
      );
      expect(readdirSync(dirname(path))).toEqual([]);
    },
  );

  test('a store or an environment with createDirectories: true creates the directory and its parents', async () => {
    const deep = join(dirname(path), 'a/b/c/events.lmdb');
    const store = openLmdbStore({ path: deep, createDirectories: true });
    await store.close();
    const env = openLmdbEnv({ path: below(), createDirectories: true });
    await env.close();

    expect(existsSync(deep)).toBe(true);
    expect(existsSync(below())).toBe(true);
  });

  test('openLmdbStore with createDirectories: true throws a StoreError if the system denies the creation', () => {
    expect(() => openLmdbStore({ path: '/proc/rx-watcher/events.lmdb', createDirectories: true })).toThrow(
      StoreError,
    );
  });
});
