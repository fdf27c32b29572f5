import { openLmdbEnv } from 'rx-watcher/lmdb';
import { expect, onTestFinished, test } from 'vitest';
import { testFile } from '../../../support/lmdb/test-store.ts';

test.each([
  ['maxDBs', 'maxDbs'],
  ['createDirectory', 'createDirectories'],
  ['mapsize', 'mapSize'],
])('openLmdbEnv rejects the option %s and suggests %s', (name, near) => {
  expect(() => openLmdbEnv({ path: '/dev/null/none.lmdb', [name]: 3 })).toThrow(
    `${name}: is not a known option; did you mean '${near}'?`,
  );
});

test('openLmdbEnv rejects a string instead of options', () => {
  expect(() => openLmdbEnv('./x.lmdb' as never)).toThrow(
    "must be an object such as { path: './app.lmdb' }; received a string of 8 characters",
  );
});

test('openLmdbEnv lists the options if an unknown name resembles none of them', () => {
  expect(() => openLmdbEnv({ path: '/dev/null/none.lmdb', retension: 3 } as never)).toThrow(
    'retension: is not a known option; the options are path, mode, createDirectories,',
  );
});

test('openLmdbEnv rejects an option that affects durability, and gives durability as the reason', () => {
  expect(() => openLmdbEnv({ path: '/dev/null/none.lmdb', noSync: false } as never)).toThrow(
    'noSync: is not an option: commits must be durable',
  );
});

test('openLmdbEnv accepts the options of lmdb, and ignores options that are undefined', async () => {
  const untypedOptions = { noReadAhead: true, txnStartThreshold: 3 };
  const env = openLmdbEnv({
    path: testFile(),
    mode: undefined,
    mapSize: undefined,
    compression: false,
    encoding: 'json',
    useVersions: false,
    keyEncoding: 'ordered-binary',
    dupSort: false,
    maxDbs: 20,
    commitDelay: 0,
    pageSize: 4096,
    separateFlushed: false,
    remapChunks: false,
    noMemInit: false,
    maxReaders: 50,
    ...untypedOptions,
  } as never);
  onTestFinished(() => env.close());

  await env.put('key', { n: 1 });

  expect(env.get('key')).toEqual({ n: 1 });
  expect((env.getStats() as { mapSize: number }).mapSize).toBeGreaterThan(2 ** 30);
});
