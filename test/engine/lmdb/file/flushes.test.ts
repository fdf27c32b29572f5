import fs, { existsSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname } from 'node:path';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

let path: string;
let copy: string;

eachDirectory((directory) => {
  path = directory.file('data/events.lmdb');
  copy = directory.file('backups/copy.lmdb');
});

/** Path that was flushed, and whether the data file and the copy existed at that time. */
interface Flush {
  readonly path: string;
  readonly hasFile: boolean;
  readonly hasCopy: boolean;
}

let flushes: Flush[];

const note = (fd: number): void => {
  flushes.push({
    path: readlinkSync(`/proc/self/fd/${fd}`),
    hasFile: existsSync(path),
    hasCopy: existsSync(copy),
  });
};

beforeEach(async () => {
  flushes = [];
  const { fsyncSync } = fs;
  vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
    fsyncSync(fd);
    note(fd);
  });
  const handle = await open('.');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = prototype;
  vi.spyOn(prototype, 'sync').mockImplementation(async function (this: { fd: number }) {
    await sync.call(this);
    note(this.fd);
  });
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test('openLmdbStore flushes the directory entries of a new file and of its new directory', async () => {
  const store = openLmdbStore({ path, createDirectories: true });

  expect(flushes).toContainEqual({ path: dirname(dirname(path)), hasFile: false, hasCopy: false });
  expect(flushes).toContainEqual({ path: dirname(path), hasFile: true, hasCopy: false });
  await store.close();
});

test('openLmdbEnv flushes the directory entry of an existing file, which its creator may not have flushed', async () => {
  await openLmdbStore({ path, createDirectories: true }).close();
  flushes = [];

  await openLmdbEnv({ path }).close();

  expect(flushes).toEqual([{ path: dirname(path), hasFile: true, hasCopy: false }]);
});

test('openLmdbStore flushes the directory entry of a file that the application has created with the package lmdb', async () => {
  const env = openEnv(path);
  const store = openLmdbStore({ env });

  expect(flushes).toEqual([{ path: dirname(path), hasFile: true, hasCopy: false }]);
  await store.close();
  await env.close();
});

test('a backup flushes the content and then the directory entry of the copy before it resolves', async () => {
  const store = openLmdbStore({ path, createDirectories: true });
  await store.storeEvent(created(1));
  flushes = [];

  await store.backup(copy);

  expect(flushes.map((flush) => ({ ...flush, path: basename(flush.path) }))).toEqual([
    { path: basename(dirname(dirname(copy))), hasFile: true, hasCopy: false },
    { path: 'data.mdb', hasFile: true, hasCopy: false },
    { path: 'backups', hasFile: true, hasCopy: true },
  ]);
  await store.close();
});
