import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TableFixture, tableFixture } from './table-fixture.ts';

const DAY = 24 * 60 * 60 * 1000;

let fixture: TableFixture;

beforeEach(async () => {
  fixture = await tableFixture();
});
afterEach(() => fixture.remove());

test('compaction never splits a batch, and merges at most 1024 events into one chunk', async () => {
  for (const size of [800, 400, 400, 1024, 1]) await fixture.store.storeEvents(span(1, size).map(created));

  await fixture.store.collectGarbage();

  expect(fixture.keys()).toEqual([800, 1600, 2624, 2625]);
  expect(seqNums(await readAll(fixture.store))).toEqual(span(1, 2625));
});

test('compaction merges at most 64 KiB of payloads into one chunk', async () => {
  const large = (n: number) => request('CREATE', 'Job', `${n}`.repeat(30_000));
  for (const n of span(1, 5)) await fixture.store.storeEvent(large(n));
  const before = await readAll(fixture.store);

  await fixture.store.collectGarbage();

  expect(fixture.keys()).toEqual([2, 4, 5]);
  expect(await readAll(fixture.store)).toStrictEqual(before);
});

test('compaction does not merge events that are more than 49 days apart', async () => {
  await fixture.store.storeCheckpoint('w', 0);
  for (const n of span(1, 5)) {
    fixture.time.set(30 * DAY * n);
    await fixture.store.storeEvent(created(n));
  }
  const before = await readAll(fixture.store);

  await fixture.store.collectGarbage();

  expect(fixture.keys()).toEqual([2, 4, 5]);
  expect(await readAll(fixture.store)).toStrictEqual(before);
});
