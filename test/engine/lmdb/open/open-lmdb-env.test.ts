import { readFileSync } from 'node:fs';
import { InvalidOptionsError, StoreError } from 'rx-watcher';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { startThread } from '../../../support/program.ts';

describe('openLmdbEnv', () => {
  let file: string;
  eachDirectory((directory) => {
    file = directory.file('app.lmdb');
  });

  test('openLmdbEnv opens an environment for tables of the application and a store', async () => {
    const env = openLmdbEnv({ path: file });
    const rows = env.openDB<string, string>({ name: 'rows' });
    const store = openLmdbStore({ env });

    await store.transaction((storeEvent) => {
      void rows.put('a', 'b');
      storeEvent(created(1));
    });

    expect(rows.get('a')).toBe('b');
    expect(seqNums(await readAll(store))).toEqual([1]);
    await store.close();
    await env.close();
  });

  test.each([[undefined], [{}], [{ path: 5 }], [{ path: '' }]])(
    'openLmdbEnv rejects options without a valid path: %j',
    (options) => {
      expect(() => openLmdbEnv(options as never)).toThrow(InvalidOptionsError);
    },
  );

  test('an environment keeps the generation of its gate when another thread of the process exits with the file open', async () => {
    const env = openLmdbEnv({ path: file });
    const generation = () => readFileSync(`${file}-gate/current`, 'utf8');
    const before = generation();

    await startThread(new URL('./open-and-exit.mjs', import.meta.url), file).ended;

    expect(generation()).toBe(before);
    await env.close();
  });

  test('openLmdbEnv throws a StoreError for a file that is not an LMDB file', () => {
    expect(() => openLmdbEnv({ path: import.meta.filename })).toThrow(StoreError);
  });
});
