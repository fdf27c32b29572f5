import { statSync } from 'node:fs';
import { open } from 'lmdb';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';

test('a log can grow beyond the mapSize of its environment while a reader reads it', async () => {
  const path = testFile();
  const mapSize = 256 * 1024;
  const env = open({ path, noSubdir: true, overlappingSync: false, eventTurnBatching: false, mapSize });
  onTestFinished(() => env.close());
  const store = testStore({ env });

  for (const n of span(1, 40)) {
    await store.storeEvent(request('CREATE', 'Text', `${n}`.repeat(20_000)));
    expect(seqNums(await readAll(store))).toEqual(span(1, n));
  }

  expect(statSync(path).size).toBeGreaterThan(3 * mapSize);
  expect((await readAll(store)).map(({ object }) => object)).toEqual(
    span(1, 40).map((n) => `${n}`.repeat(20_000)),
  );
});
