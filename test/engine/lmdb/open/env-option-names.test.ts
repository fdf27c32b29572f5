import { openLmdbEnv } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';

test.each([
  ['maxDBs', 'maxDbs'],
  ['createDirectory', 'createDirectories'],
  ['mapsize', 'mapSize'],
])('openLmdbEnv refuses the option %s, and suggests %s', (name, near) => {
  expect(() => openLmdbEnv({ path: '/dev/null/none.lmdb', [name]: 3 })).toThrow(
    `${name}: is not a known option; did you mean '${near}'?`,
  );
});

test('openLmdbEnv refuses a path alone in words', () => {
  expect(() => openLmdbEnv('./x.lmdb' as never)).toThrow(
    "must be an object such as { path: './app.lmdb' }; received a string of 8 characters",
  );
});
