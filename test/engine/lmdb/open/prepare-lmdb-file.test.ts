import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { StoreError } from 'rx-watcher';
import { inspectLmdbFile } from 'rx-watcher/lmdb';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkLmdbFile, prepareLmdbFile } from '../../../../src/engine/lmdb/open/prepare-lmdb-file.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

const PAGE = 4096;

const directory = eachDirectory();
let path: string;
/** File with the two meta pages that LMDB creates. */
let created: Buffer;
/** Created file after its first transaction. */
let committed: Buffer;
/** Compacted copy of the file after its first transaction. */
let copied: Buffer;

beforeEach(async () => {
  path = directory.file('events.lmdb');
  const env = openEnv(directory.file('first'));
  created = readFileSync(directory.file('first'));
  await env.put('key', 'value');
  await env.backup(directory.file('copy'), true);
  await env.close();
  committed = readFileSync(directory.file('first'));
  copied = readFileSync(directory.file('copy'));
});

async function expectOpens(): Promise<void> {
  const env = openEnv(path);
  await env.put('key', 'new');
  expect(env.get('key')).toBe('new');
  await env.close();
}

const zeros = (bytes: number) => Buffer.alloc(bytes);

describe('prepareLmdbFile after an interrupted creation of the file', () => {
  test.each<[string, () => Buffer]>([
    ['zeros', () => zeros(4 * PAGE)],
    ['a sector of zeros', () => zeros(512)],
    ['the first meta page', () => created.subarray(0, PAGE)],
    ['the first sector of the first meta page', () => created.subarray(0, 512)],
    ['the first meta page and zeros', () => Buffer.concat([created.subarray(0, PAGE), zeros(3 * PAGE)])],
    ['zeros and the second meta page', () => Buffer.concat([zeros(PAGE), created.subarray(PAGE, 2 * PAGE)])],
  ])(
    'prepareLmdbFile empties a file that contains only %s, because the creation of the file was interrupted',
    async (_name, make) => {
      const bytes = make();
      writeFileSync(path, bytes);
      expect(() => inspectLmdbFile(path)).toThrow(StoreError);
      expect(() => inspectLmdbFile(path)).toThrow('its creation was interrupted');
      expect(checkLmdbFile(path)).toBe('torn');
      expect(readFileSync(path)).toEqual(bytes);

      prepareLmdbFile(path, 0o600);
      expect(checkLmdbFile(path)).toBe('new');
      await expectOpens();
      expect(checkLmdbFile(path)).toBe('whole');
    },
  );
});

describe('prepareLmdbFile with a damaged file', () => {
  const withZeros = (file: Buffer, from: number, to: number) => Buffer.from(file).fill(0, from, to);

  test.each<[string, () => Buffer]>([
    ['zeros of an odd length', () => zeros(513)],
    ['zeros and data', () => withZeros(committed, 0, 2 * PAGE)],
    ['a transaction without its first meta page', () => withZeros(committed, 0, PAGE)],
    ['a transaction without its second meta page', () => withZeros(committed, PAGE, 2 * PAGE)],
    ['a compacted copy without its second meta page', () => withZeros(copied, PAGE, 2 * PAGE)],
    ['more zeros than a creation writes', () => zeros(2 * 1024 * 1024)],
  ])(
    'prepareLmdbFile rejects a damaged file that contains %s, and does not change that file',
    (_name, make) => {
      const bytes = make();
      writeFileSync(path, bytes);
      for (const attempt of [
        checkLmdbFile,
        (file: string) => prepareLmdbFile(file, 0o600),
        inspectLmdbFile,
      ]) {
        expect(() => attempt(path)).toThrow(StoreError);
      }
      expect(readFileSync(path).equals(bytes)).toBe(true);
    },
  );
});

describe('prepareLmdbFile with an intact file', () => {
  test.each([['created'], ['committed'], ['copied']])(
    'prepareLmdbFile does not change an intact file: %s',
    async (kind) => {
      const bytes = { created, committed, copied }[kind] as Buffer;
      writeFileSync(path, bytes);
      expect(checkLmdbFile(path)).toBe('whole');
      prepareLmdbFile(path, 0o600);
      expect(readFileSync(path)).toEqual(bytes);
      await expectOpens();
    },
  );

  test('prepareLmdbFile does not change the lock file next to an intact data file', () => {
    writeFileSync(`${path}-lock`, 'left by another version');
    prepareLmdbFile(path, 0o600);
    expect(readFileSync(`${path}-lock`, 'utf8')).toBe('left by another version');
  });
});

describe('checkLmdbFile', () => {
  test.each<[string, (lock: string) => void]>([
    ['a directory', (lock) => mkdirSync(lock)],
    ['a dangling link', (lock) => symlinkSync('missing', lock)],
    ['a device', (lock) => symlinkSync('/dev/null', lock)],
  ])('checkLmdbFile rejects a data file next to a lock file that is %s', (_name, make) => {
    make(`${path}-lock`);
    expect(() => checkLmdbFile(path)).toThrow(StoreError);
    expect(() => checkLmdbFile(path)).toThrow(/lock file '.*events.lmdb-lock': it is not a file; remove it/);
  });
});
