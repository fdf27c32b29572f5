import { existsSync } from 'node:fs';
import { open } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';
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

test('logs of any names are kept apart, in one environment', async () => {
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
  ['a NUL, at which the name would end', 'log\0a'],
  ['a NUL alone', '\0'],
  ['half of a surrogate pair, which would be like any other', 'log\ud800'],
  ['nothing', ''],
  ['blanks', ' \t'],
  ['the one that has the generations of logs', 'rx-watcher/versions'],
  ['more bytes than LMDB has room for', 'x'.repeat(1978)],
  ['more bytes of ideographs', '監'.repeat(660)],
])('a name of %s is refused, and no file is touched', (_of, name) => {
  expect(faultsOf({ path, eventsBucket: name })).toEqual(['eventsBucket']);
  expect(faultsOf({ path, checkpointBucket: name })).toEqual(['checkpointBucket']);
  expect(existsSync(path)).toBe(false);
});
