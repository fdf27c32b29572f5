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

test.each([
  ['noSync', 'commits must be durable'],
  ['noMetaSync', 'commits must be durable'],
  ['useWritemap', 'commits must be durable'],
  ['overlappingSync', 'commits must be durable'],
  ['eventTurnBatching', 'a failed commit must reject only the writes of its transaction'],
  ['readOnly', 'a store must be able to write'],
  ['noFSAccess', 'backup must be able to write a file'],
  ['encryptionKey', 'the file must be readable for its inspection before it is opened'],
  ['noSubdir', 'path must be the path of the data file'],
  ['strictAsyncOrder', 'writes must be committed in the order of their calls'],
])('openLmdbEnv rejects the option %s, even as false, because %s', (name, reason) => {
  expect(() => openLmdbEnv({ path: '/dev/null/none.lmdb', [name]: false } as never)).toThrow(
    `${name}: is not an option: ${reason}`,
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
