import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { StoreError } from 'rx-watcher';
import { inspectLmdbFile, openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { created, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../conformance/temporary-directory.ts';

const PAGE = 4096;

const noise = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 7919 + 13 * (index >> 3)) & 0xff));

/** A file, and the bytes of a healthy one. */
let directory: TemporaryDirectory;
let path: string;
let healthy: Buffer;

beforeEach(async () => {
  directory = await temporaryDirectory();
  path = directory.file('events.lmdb');
  const store = openLmdbStore({ path });
  await store.storeEvents(span(1, 50).map(created));
  await store.close();
  healthy = readFileSync(path);
});
afterEach(() => directory.remove());

describe('a file is well, and opens,', () => {
  test('if it is an LMDB file', async () => {
    inspectLmdbFile(path);

    await openLmdbStore({ path }).close();
    expect(readFileSync(path)).toEqual(healthy);
  });

  test('if there is none, or it is empty', async () => {
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
  ['a text', () => Buffer.from('{"events": []}\n'), /./],
  ['a long text', () => Buffer.from('not a log, but a log book.\n'.repeat(1000)), /not an LMDB/],
  ['one byte', () => Buffer.from([0]), /./],
  ['noise', () => noise(PAGE * 4), /not an LMDB/],
  [
    'noise behind the first page',
    () => Buffer.concat([healthy.subarray(0, PAGE), noise(PAGE * 9)]),
    /meta page/,
  ],
  ['its first page alone', () => healthy.subarray(0, PAGE), /truncated/],
  ['part of a page', () => healthy.subarray(0, 100), /truncated/],
  ['half of its second page', () => healthy.subarray(0, PAGE + 100), /truncated/],
  ['its meta pages alone', () => healthy.subarray(0, 2 * PAGE), /truncated/],
  ['with a first page that is zero', meta(0, (page) => page.fill(0)), /not an LMDB/],
  ['with a second page that is zero', meta(1, (page) => page.fill(0)), /meta page/],
  ['with another magic number', meta(0, (page) => page.writeUInt32LE(0xdeadbeef, 24)), /not an LMDB/],
  ['with another magic number in its second page', meta(1, (page) => page.writeUInt32LE(1, 24)), /meta page/],
  ['of another version', meta(0, (page) => page.writeUInt32LE(999, 28)), /version 999/],
  ['of another version in its second page', meta(1, (page) => page.writeUInt32LE(999, 28)), /meta page/],
  [
    'with a first page that is no meta page',
    meta(0, (page) => page.writeUInt16LE(0, 18)),
    /meta page|not an LMDB/,
  ],
  ['with a page size of 0', meta(0, (page) => page.writeUInt32LE(0, 48)), /./],
  ['with an immense page size', meta(0, (page) => page.writeUInt32LE(0xffff_ffff, 48)), /./],
];

describe('a file is refused, named, and left as it is, if it is', () => {
  test.each(broken)('%s', (_name, make, why) => {
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
  });

  test.each(['a pipe', 'a device', 'what a link leads to that is none'])('%s', (kind) => {
    const file = kind === 'a device' ? '/dev/null' : directory.file('no-file');
    if (kind === 'a pipe') execFileSync('mkfifo', [file]);
    else if (kind !== 'a device') symlinkSync('/dev/zero', file);

    expect(() => inspectLmdbFile(file)).toThrow(StoreError);
    expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
  });

  test('a directory', () => {
    const file = directory.file('directory');
    mkdirSync(file);

    expect(() => inspectLmdbFile(file)).toThrow(StoreError);
    expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
  });

  test('below a file that is no directory', () => {
    for (const file of [`${path}/events.lmdb`, `${path}/below/events.lmdb`]) {
      expect(() => inspectLmdbFile(file)).toThrow(StoreError);
      expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
    }
  });

  // Root may write anywhere that anybody may: what is refused to it is a directory that the system alone fills.
  test('in a directory that takes no files, or of a name that none can have', () => {
    for (const file of ['/proc/self/events.lmdb', directory.file('x'.repeat(300)), directory.file('a\0b')]) {
      expect(() => openLmdbStore({ path: file })).toThrow(StoreError);
    }
  });
});
