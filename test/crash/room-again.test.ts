import { constants } from 'node:os';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withSmallFileLimit } from './small-file-limit.ts';

const fillAndFree = new URL('./fill-and-free.mjs', import.meta.url);

test('a store accepts appends again after space on the full disk was freed, even if LMDB could write only a part of a page', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');

  const { exit, stdout, stderr } = await withSmallFileLimit(fillAndFree, path);
  expect(exit, stderr).toBe(0);
  const { acknowledged, failures, whileFull, tail, followed } = JSON.parse(stdout);
  const codes: readonly number[] = failures.map(([, code]: readonly [string, number]) => code);

  expect(acknowledged).toBeGreaterThan(0);
  expect(failures.map(([code]: readonly [string, number]) => code)).toEqual([
    'ERR_STORE',
    'ERR_STORE',
    'ERR_STORE',
  ]);
  // LMDB returns EIO for a truncated write, of which only the first pages fit on the disk. This test must cause such a
  // write.
  expect(codes).toContain(constants.errno.EIO);
  expect(whileFull).toBe(acknowledged);
  expect(tail).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'xxxx'],
    [4, 'four'],
  ]);
  expect(followed).toEqual(span(1, acknowledged + 4));

  const store = openLmdbStore({ path });
  expect(seqNums(await readAll(store))).toEqual(span(1, acknowledged + 4));
  await store.close();
  await directory.remove();
});
