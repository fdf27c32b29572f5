import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { withSmallFileLimit } from './small-file-limit.ts';

const copyLog = new URL('./copy-log.mjs', import.meta.url);

test('a backup to a full disk fails and leaves no file', async () => {
  const directory = await temporaryDirectory();
  const [path, copy] = [directory.file('events.lmdb'), directory.file('copies/copy.lmdb')];
  await mkdir(dirname(copy));
  const store = openLmdbStore({ path });
  await store.storeEvents(span(1, 50).map(() => request('CREATE', 'Text', 'x'.repeat(10_000))));
  await store.close();

  const { exit, stdout } = await withSmallFileLimit(copyLog, path, copy);

  expect({ exit, stdout }).toEqual({ exit: 0, stdout: '["ERR_STORE","ERR_STORE"]' });
  expect(await readdir(dirname(copy))).toEqual([]);
  const reopened = openLmdbStore({ path });
  await reopened.backup(copy);
  await reopened.close();
  const copied = openLmdbStore({ path: copy });
  expect(seqNums(await readAll(copied))).toEqual(span(1, 50));
  await copied.close();
  await directory.remove();
});
