import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { open } from 'lmdb';
import { InvalidOptionsError, StoreClosedError, StoreError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

/** Environments in one file, which a store on a path opens, and in a directory, which is the default of LMDB. */
const kinds: readonly [string, typeof openEnv][] = [
  ['a file', openEnv],
  [
    'a directory',
    (path) => {
      mkdirSync(path);
      return open({ path, overlappingSync: false, eventTurnBatching: false });
    },
  ],
];

describe.each(kinds)('a backup of an environment in %s', (_kind, openKind) => {
  const directory = eachDirectory();
  let env: ReturnType<typeof openEnv>;
  let store: ReturnType<typeof openLmdbStore>;

  beforeEach(async () => {
    env = openKind(directory.file('app'));
    store = openLmdbStore({ env });
    await store.storeEvent(created(1));
  });
  afterEach(async () => {
    await store.close();
    await env.close();
  });
  const files = () => readdirSync(dirname(directory.file('x'))).sort();

  const backupFailure = async (path: string, source = store) => {
    const before = files();
    const failure = await failureOf(source.backup(path));
    expect(files()).toEqual(before);
    return failure;
  };

  test('a backup with createDirectories creates the target directory, and copies all tables of the application', async () => {
    await env.openDB({ name: 'users' }).put('u1', 'Ada');
    const path = directory.file('new/directory/copy.lmdb');
    const other = openLmdbStore({ env, createDirectories: true });

    await other.backup(path);

    expect(readdirSync(dirname(path))).toEqual(['copy.lmdb']);
    const copy = openEnv(path);
    expect(copy.openDB({ name: 'users' }).get('u1')).toBe('Ada');
    expect(seqNums(await readAll(openLmdbStore({ env: copy })))).toEqual([1]);
    await copy.close();
  });

  test.each(['', 'not a log at all'])(
    'a backup is rejected if the target is an existing file with the content %o, and does not change that file',
    async (text) => {
      const path = directory.file('taken');
      writeFileSync(path, text);

      const failure = await backupFailure(path);

      expect(failure).toBeInstanceOf(StoreError);
      expect((failure as Error).message).toBe(
        `cannot back up the store to '${path}': the path must not exist, because a backup replaces no file; remove it or choose another path`,
      );
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('a backup is rejected if the target is the environment itself or a directory', async () => {
    mkdirSync(directory.file('directory'));

    expect(await backupFailure(directory.file('app'))).toBeInstanceOf(StoreError);
    expect(await backupFailure(directory.file('directory'))).toBeInstanceOf(StoreError);
    expect(seqNums(await readAll(store))).toEqual([1]);
  });

  test('a backup is rejected if the directory of the target does not exist', async () => {
    const failure = await backupFailure(directory.file('new/directory/copy.lmdb'));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(directory.file('new/directory'));
    expect(String(failure)).toContain('createDirectories');
  });

  test('a backup is rejected if the path of the target leads through a file', async () => {
    writeFileSync(directory.file('file'), '');

    const failure = await backupFailure(directory.file('file/copy.lmdb'));
    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(`${directory.file('file/copy.lmdb')}': ENOTDIR: not a directory`);
    expect(String(failure)).not.toContain('.rx-watcher-');
  });

  test('a backup is rejected if the target file is created meanwhile, and the error contains only the target path', async () => {
    const path = directory.file('copy.lmdb');

    const backup = failureOf(store.backup(path));
    writeFileSync(path, 'created later'); // the copy is written asynchronously, so it is not published yet
    const failure = await backup;

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(`'${path}': the path must not exist`);
    expect(String(failure)).not.toContain('.rx-watcher-');
    expect(readFileSync(path, 'utf8')).toBe('created later');
  });

  test('a backup is rejected if the path of the target is blank or not a string', async () => {
    for (const path of ['', ' ', undefined as never, 5 as never]) {
      const failure = await backupFailure(path);
      expect(failure).toBeInstanceOf(InvalidOptionsError);
      expect(String(failure)).toContain(
        'invalid arguments of backup: path: must be a string that is not blank',
      );
    }
  });

  test('a backup is rejected if the store or the environment is closed', async () => {
    const other = openLmdbStore({ env, eventsBucket: 'other' });
    await store.close();
    expect(await backupFailure(directory.file('copy'))).toBeInstanceOf(StoreClosedError);

    await env.close();
    expect(await backupFailure(directory.file('copy'), other)).toBeInstanceOf(StoreError);
    await other.close();
  });
});
