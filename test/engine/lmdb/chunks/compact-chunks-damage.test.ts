import { afterSequenceNumber, DeserializationError, trimHorizon } from 'rx-watcher';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll, readPage } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { damagedLog } from './damaged-log.ts';
import { type TableFixture, tableFixture } from './table-fixture.ts';

const COUNT = 1068;

describe.each<[string, (chunk: Buffer) => unknown]>([
  ['a changed head', (chunk) => chunk.writeUInt8(chunk.readUInt8(30) ^ 4, 30)],
  ['a changed payload', (chunk) => chunk.writeUInt8(chunk.readUInt8(chunk.length - 2) ^ 4, chunk.length - 2)],
  ['zeros in place of all bytes', (chunk) => chunk.fill(0)],
])('compaction of a log with a chunk that is damaged by %s', (_by, change) => {
  let fixture: TableFixture;
  let whole: Buffer;
  let damaged: Buffer;

  beforeEach(async () => {
    fixture = await tableFixture();
    for (const n of span(1, COUNT)) await fixture.store.storeEvent(created(n));
    whole = Buffer.from(fixture.table.get(20) as Buffer);
    damaged = Buffer.from(whole);
    change(damaged);
    await fixture.table.put(20, damaged);
    await fixture.store.collectGarbage();
  });
  afterEach(() => fixture.remove());

  test('compaction does not change a damaged chunk', () => {
    expect(fixture.keys()).toEqual([19, 20, 1044, ...span(1045, COUNT)]);
    expect(fixture.table.get(20)).toEqual(damaged);
  });

  test('compaction leaves all other events readable if a chunk is damaged, and a read of the damaged event fails with its number', async () => {
    const { store } = fixture;

    const { values, error } = note(store.events(trimHorizon()));

    expect(values.map(({ object }) => object)).toEqual(span(1, 19).map((n) => ({ n })));
    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({ seqNum: 20 });
    expect(await failureOf(readPage(store, afterSequenceNumber(19)))).toMatchObject({ seqNum: 20 });
    const rest = await readAll(store, afterSequenceNumber(20));
    expect(seqNums(rest)).toEqual(span(21, COUNT));
    expect(rest.map(({ object }) => object)).toEqual(span(21, COUNT).map((n) => ({ n })));
  });

  test('compaction continues after a damaged chunk in the next run, even if the chunk has been repaired since', async () => {
    await fixture.table.put(20, whole);

    await fixture.store.collectGarbage();

    expect(fixture.keys()).toEqual([19, 20, 1044, ...span(1045, COUNT)]);
    expect(seqNums(await readAll(fixture.store))).toEqual(span(1, COUNT));
  });
});

test('compaction of a log with a damaged chunk does not change the numbers of later events', async () => {
  const log = await damagedLog();
  const store = await log.damage((chunk) => chunk.fill(0));
  for (const n of span(10, 20)) await store.storeEvent(created(n));
  await store.storeEvents(span(21, COUNT).map(created)); // too many events to be merged with events 10 to 20

  await store.collectGarbage();

  for (const seqNum of [4, 5, 6]) {
    expect(await failureOf(readPage(store, afterSequenceNumber(seqNum - 1)))).toMatchObject({ seqNum });
  }
  expect(seqNums(note(store.events(trimHorizon())).values)).toEqual([1, 2, 3]);
  const rest = await readAll(store, afterSequenceNumber(6));
  expect(rest.map(({ object }) => object)).toEqual(span(7, COUNT).map((n) => ({ n })));
});
