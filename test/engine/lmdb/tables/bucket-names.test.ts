import { existsSync } from 'node:fs';
import { open } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { faultsOf } from '../open/refused-options.ts';

let path: string;

eachDirectory((directory) => {
  path = directory.file('events.lmdb');
});

const names = [
  'é',
  'e\u0301',
  ' log',
  'log',
  'Log',
  '__proto__',
  'a/b',
  '\u0001',
  '😀',
  '監'.repeat(600),
  'x'.repeat(1977),
];

test('one LMDB environment keeps logs with arbitrary bucket names separate', async () => {
  const env = open({ path, noSubdir: true, overlappingSync: false, maxDbs: 2 * names.length });
  const stores = () =>
    names.map((name) => openLmdbStore({ env, eventsBucket: name, checkpointBucket: 'of all' }));
  for (const [index, store] of stores().entries()) await store.storeEvents(span(0, index).map(created));

  for (const [index, store] of stores().entries()) {
    expect((await readAll(store)).map(({ object }) => object)).toEqual(span(0, index).map((n) => ({ n })));
    await store.storeCheckpoint(`w${index}`, index);
  }

  const last = openLmdbStore({ env, eventsBucket: 'more', checkpointBucket: 'of all' });
  expect((await firstValueFrom(last.checkpoints())).size).toBe(names.length);
  await env.close();
});

test.each([
  ['text with a NUL, at which LMDB ends a name', 'log\0a'],
  ['a single NUL', '\0'],
  ['text with a lone surrogate, which lmdb-js encodes like any other one', 'log\ud800'],
  ['an empty text', ''],
  ['blanks', ' \t'],
  ['the name of the sub-database of versions', 'rx-watcher/versions'],
  ['more bytes than the limit of LMDB', 'x'.repeat(1978)],
  ['ideographs of more bytes than the limit of LMDB', '監'.repeat(660)],
])('openLmdbStore rejects %s as a bucket name and creates no file', (_of, name) => {
  expect(faultsOf({ path, eventsBucket: name })).toEqual(['eventsBucket']);
  expect(faultsOf({ path, checkpointBucket: name })).toEqual(['checkpointBucket']);
  expect(existsSync(path)).toBe(false);
});
