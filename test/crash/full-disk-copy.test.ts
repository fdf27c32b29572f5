import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../conformance/temporary-directory.ts';
import { withLittleRoom } from './little-room.ts';

const copyLog = fileURLToPath(new URL('./copy-log.mjs', import.meta.url));

test('a copy for which the disk has no room is not made; no part of it is left in the place of a whole one', async () => {
  const directory = await temporaryDirectory();
  const [path, copy] = [directory.file('events.lmdb'), directory.file('copies/copy.lmdb')];
  await mkdir(dirname(copy));
  const store = openLmdbStore({ path });
  await store.storeEvents(span(1, 50).map(() => request('CREATE', 'Text', 'x'.repeat(10_000))));
  await store.close(); // this process stands still while the other one runs, and could not let it open the file

  const { status, stdout } = withLittleRoom(copyLog, path, copy);

  expect({ status, stdout }).toEqual({ status: 0, stdout: '["ERR_STORE","ERR_STORE"]' });
  expect(await readdir(dirname(copy))).toEqual([]);
  const reopened = openLmdbStore({ path });
  await reopened.backup(copy);
  await reopened.close();
  const copied = openLmdbStore({ path: copy });
  expect(seqNums(await readAll(copied))).toEqual(span(1, 50));
  await copied.close();
  await directory.remove();
});
