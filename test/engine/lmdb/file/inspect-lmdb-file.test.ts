import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { StoreError } from 'rx-watcher';
import { inspectLmdbFile, openLmdbStore } from 'rx-watcher/lmdb';
import { beforeEach, describe, expect, test } from 'vitest';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const PAGE = 4096;

const noise = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7919 + 13 * (index >> 3)) & 0xff));

const directory = eachDirectory();
let path: string;
/** Bytes of a valid file. */
let healthy: Buffer;

beforeEach(async () => {
  path = directory.file('events.lmdb');
  const store = openLmdbStore({ path });
  await store.storeEvents(span(1, 50).map(created));
  await store.close();
  healthy = readFileSync(path);
});

describe('inspectLmdbFile and openLmdbStore', () => {
  test('inspectLmdbFile and openLmdbStore accept a file that LMDB has written', async () => {
    inspectLmdbFile(path);

    await openLmdbStore({ path }).close();
    expect(readFileSync(path)).toEqual(healthy);
  });

  test('inspectLmdbFile and openLmdbStore accept a path at which no file exists, and an empty file', async () => {
    for (const fresh of ['missing', 'empty', 'a/directory/to/be/created']) {
      if (fresh === 'empty') writeFileSync(directory.file(fresh), '');
      inspectLmdbFile(directory.file(fresh));
      await openLmdbStore({ path: directory.file(fresh), createDirectories: true }).close();
      inspectLmdbFile(directory.file(fresh));
    }
  });
});

const meta = (page: 0 | 1, change: (bytes: Buffer) => unknown) => (): Buffer => {
  const bytes = Buffer.from(healthy);
  change(bytes.subarray(page * PAGE, (page + 1) * PAGE));
  return bytes;
};

const broken: readonly [string, () => Buffer, RegExp][] = [
  ['that contains a text', () => Buffer.from('{"events": []}\n'), /./],
  [
    'that contains a long text',
    () => Buffer.from('not a log, but a log book.\n'.repeat(1000)),
    /not an LMDB/,
  ],
  ['that contains one byte', () => Buffer.from([0]), /./],
  ['that contains noise', () => noise(PAGE * 4), /not an LMDB/],
  [
    'that contains noise after the first page',
    () => Buffer.concat([healthy.subarray(0, PAGE), noise(PAGE * 9)]),
    /meta page/,
  ],
  ['that contains only the first page of an LMDB file', () => healthy.subarray(0, PAGE), /truncated/],
  [
    'that contains only a part of the first page of an LMDB file',
    () => healthy.subarray(0, 100),
    /truncated/,
  ],
  [
    'that contains only the first one and a half pages of an LMDB file',
    () => healthy.subarray(0, PAGE + 100),
    /truncated/,
  ],
  ['that contains only the meta pages of an LMDB file', () => healthy.subarray(0, 2 * PAGE), /truncated/],
  ['with a first page that is zero', meta(0, (page) => page.fill(0)), /not an LMDB/],
  ['with a second page that is zero', meta(1, (page) => page.fill(0)), /meta page/],
  ['with another magic number', meta(0, (page) => page.writeUInt32LE(0xdeadbeef, 24)), /not an LMDB/],
  ['with another magic number in the second page', meta(1, (page) => page.writeUInt32LE(1, 24)), /meta page/],
  ['of another version', meta(0, (page) => page.writeUInt32LE(999, 28)), /version 999/],
  ['of another version in the second page', meta(1, (page) => page.writeUInt32LE(999, 28)), /meta page/],
  [
    'with a first page that is not a meta page',
    meta(0, (page) => page.writeUInt16LE(0, 18)),
    /meta page|not an LMDB/,
  ],
  ['with a page size of 0', meta(0, (page) => page.writeUInt32LE(0, 48)), /./],
  ['with an immense page size', meta(0, (page) => page.writeUInt32LE(0xffff_ffff, 48)), /./],
];

describe('inspectLmdbFile and openLmdbStore', () => {
  test.each(broken)(
    'inspectLmdbFile and openLmdbStore reject a file %s, and do not change the file',
    (_name, make, why) => {
      const bytes = make();
      const file = directory.file('broken.lmdb');
      writeFileSync(file, bytes);

      for (const attempt of [() => inspectLmdbFile(file), () => openLmdbStore({ path: file })]) {
        expect(attempt).toThrow(StoreError);
        expect(attempt).toThrow(why);
        expect(attempt).toThrow(file);
      }
      expect(readFileSync(file)).toEqual(bytes);
      expect(existsSync(`${file}-lock`)).toBe(false);
    },
  );

  test.each(['a pipe', 'a device', 'a link to a device'])(
    'inspectLmdbFile and openLmdbStore reject a path to %s',
    (kind) => {
      const file = kind === 'a device' ? '/dev/null' : directory.file('no-file');
      if (kind === 'a pipe') execFileSync('mkfifo', [file]);
      else if (kind !== 'a device') symlinkSync('/dev/zero', file);

      expect(() => inspectLmdbFile(file)).toThrow(StoreError);
      expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
    },
  );

  test('inspectLmdbFile and openLmdbStore reject a path to a directory', () => {
    const file = directory.file('directory');
    mkdirSync(file);

    expect(() => inspectLmdbFile(file)).toThrow(StoreError);
    expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
  });

  test('inspectLmdbFile and openLmdbStore reject a path that leads through a file', () => {
    for (const file of [`${path}/events.lmdb`, `${path}/below/events.lmdb`]) {
      expect(() => inspectLmdbFile(file)).toThrow(StoreError);
      expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
    }
  });

  // The test uses /proc, because the superuser, which may run the tests, can create files in every ordinary directory.
  test('openLmdbStore rejects a path in a directory in which no file can be created, and a file name that is not valid', () => {
    for (const file of ['/proc/self/events.lmdb', directory.file('x'.repeat(300)), directory.file('a\0b')]) {
      expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
    }
  });
});
