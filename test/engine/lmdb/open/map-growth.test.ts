import { statSync } from 'node:fs';
import { open } from 'lmdb';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

test('a log can outgrow the mapSize of its environment while it is read', async () => {
  const directory = await temporaryDirectory();
  const path = directory.file('events.lmdb');
  const mapSize = 256 * 1024;
  const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false, mapSize });
  const store = openLmdbStore({ env });

  for (const n of span(1, 40)) {
    await store.storeEvent(request('CREATE', 'Text', `${n}`.repeat(20_000)));
    expect(seqNums(await readAll(store))).toEqual(span(1, n));
  }

  expect(statSync(path).size).toBeGreaterThan(3 * mapSize);
  expect((await readAll(store)).map(({ object }) => object)).toEqual(
    span(1, 40).map((n) => `${n}`.repeat(20_000)),
  );
  await store.close();
  await env.close();
  await directory.remove();
});
