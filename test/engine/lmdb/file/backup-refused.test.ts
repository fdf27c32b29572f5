import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { open } from 'lmdb';
import { InvalidOptionsError, StoreClosedError, StoreError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { openEnv } from '../../../conformance/lmdb-log.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../conformance/temporary-directory.ts';

/** An environment in one file, as a store on a path opens it, or in a directory, as LMDB has it by default. */
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

describe.each(kinds)('of an environment in %s a backup', (_kind, openKind) => {
  let directory: TemporaryDirectory;
  let env: ReturnType<typeof openEnv>;
  let store: ReturnType<typeof openLmdbStore>;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    env = openKind(directory.file('app'));
    store = openLmdbStore({ env });
    await store.storeEvent(created(1));
  });
  afterEach(async () => {
    await store.close();
    await env.close();
    await directory.remove();
  });
  const files = () => readdirSync(dirname(directory.file('x'))).sort();

  const refused = async (path: string, of = store) => {
    const before = files();
    const failure = await failureOf(of.backup(path));
    expect(files()).toEqual(before);
    return failure;
  };

  test('is a data file, in a directory that is created for it, with all that the application has', async () => {
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
    'is refused where a file is, and leaves it as it is: %o',
    async (text) => {
      const path = directory.file('taken');
      writeFileSync(path, text);

      const failure = await refused(path);

      expect(failure).toBeInstanceOf(StoreError);
      expect(String(failure)).toContain(path);
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );

  test('is refused where the log itself is, or where a directory is', async () => {
    mkdirSync(directory.file('directory'));

    expect(await refused(directory.file('app'))).toBeInstanceOf(StoreError);
    expect(await refused(directory.file('directory'))).toBeInstanceOf(StoreError);
    expect(seqNums(await readAll(store))).toEqual([1]);
  });

  test('is refused in a directory that does not exist', async () => {
    const failure = await refused(directory.file('new/directory/copy.lmdb'));

    expect(failure).toBeInstanceOf(StoreError);
    expect(String(failure)).toContain(directory.file('new/directory'));
    expect(String(failure)).toContain('createDirectories');
  });

  test('is refused below what is no directory', async () => {
    writeFileSync(directory.file('file'), '');

    expect(await refused(directory.file('file/copy.lmdb'))).toBeInstanceOf(StoreError);
  });

  test('is refused without a path', async () => {
    for (const path of ['', ' ', undefined as never, 5 as never]) {
      expect(await refused(path)).toBeInstanceOf(InvalidOptionsError);
    }
  });

  test('is refused when the store is closed, or the environment is', async () => {
    const other = openLmdbStore({ env, eventsBucket: 'other' });
    await store.close();
    expect(await refused(directory.file('copy'))).toBeInstanceOf(StoreClosedError);

    await env.close();
    expect(await refused(directory.file('copy'), other)).toBeInstanceOf(StoreError);
    await other.close();
  });
});
