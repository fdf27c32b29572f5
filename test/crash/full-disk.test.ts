import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withSmallFileLimit } from './small-file-limit.ts';

const fillDisk = new URL('./fill-disk.mjs', import.meta.url);

test('if the disk is full, all appends of the current commit are rejected, and no acknowledged event is lost', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');

  const { exit, stdout } = await withSmallFileLimit(fillDisk, path);
  expect(exit).toBe(0);
  const { acknowledged, failures, again, read } = JSON.parse(stdout);

  expect(acknowledged).toBeGreaterThan(0);
  expect(acknowledged % 8).toBe(0);
  expect(new Set([...failures, ...again])).toEqual(new Set(['ERR_STORE']));
  expect([...failures, ...again]).toHaveLength(16);
  expect(read).toBe(acknowledged);

  const store = openLmdbStore({ path });
  expect(seqNums(await readAll(store))).toEqual(span(1, acknowledged));
  expect((await store.storeEvent(created(1))).seqNum).toBe(acknowledged + 1);
  await store.close();
  await directory.remove();
});
