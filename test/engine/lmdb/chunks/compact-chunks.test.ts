import { type EventIterator, type EventStore, trimHorizon, watch } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { lastValueFrom, map, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compactChunks } from '../../../../src/engine/lmdb/chunks/compact-chunks.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type TableFixture, tableFixture } from './table-fixture.ts';

let fixture: TableFixture;
let store: EventStore;

beforeEach(async () => {
  fixture = await tableFixture();
  store = fixture.store;
});
afterEach(() => fixture.remove());

/** Stores jobs and nodes in turn, each in a commit of its own. */
const storeAlone = async (first: number, last: number): Promise<void> => {
  for (const n of span(first, last))
    await store.storeEvent(n % 2 ? created(n) : request('DELETE', 'Node', n));
};

/** All that is read: from the beginning, from the midst of chunks and from their ends, all of it or some. */
const readings = (of: EventStore) => {
  const places: EventIterator[] = [trimHorizon(), { type: 'at_timestamp', timestamp: 0 }];
  for (const sequenceNumber of [1, 100, 1023, 1024, 1025, 2047, 2048, 2049, 2136]) {
    places.push({ type: 'at_sequence_number', sequenceNumber });
    places.push({ type: 'after_sequence_number', sequenceNumber });
  }
  const filters = [{}, { objectTypes: ['Node'] }, { operations: ['CREATE' as const] }];
  return Promise.all(places.flatMap((place) => filters.map((filter) => readAll(of, place, { filter }))));
};

describe('a run of garbage collection', () => {
  test('puts events that were stored alone together, but the last, which more may come to join', async () => {
    await storeAlone(1, 2136);
    const before = await readings(store);
    expect(fixture.keys()).toHaveLength(2136);

    expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });

    expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
    expect(await readings(store)).toStrictEqual(before);
    const another = openLmdbStore({ env: fixture.env, scheduler: fixture.time });
    expect(await readings(another)).toStrictEqual(before);
    await another.close();
  });

  test('goes on where the one before it left off, with what was stored since', async () => {
    await storeAlone(1, 1068);
    await store.collectGarbage();
    await storeAlone(1069, 2136);
    const before = await readings(store);

    await store.collectGarbage();

    expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
    expect(await readings(store)).toStrictEqual(before);
  });
});

test('in slices, a group at a time is put together', async () => {
  await storeAlone(1, 2136);
  const slice = () => fixture.env.transaction(() => compactChunks(fixture.table, 1));

  expect(await slice()).toBe(true);
  expect(fixture.keys()).toEqual([1024, ...span(1025, 2136)]);
  expect(await slice()).toBe(true);
  expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
  expect(await slice()).toBe(false);
});

test('a watcher in the midst of a page does not notice', async () => {
  await storeAlone(1, 2136);
  const watcher = watch(store, 'w', {
    ephemeral: true,
    handler: async ({ seqNum }) => {
      if (seqNum === 10) await store.collectGarbage();
    },
  });

  const handled = await lastValueFrom(
    watcher.pipe(
      map(({ status, seqNum }) => `${status} ${seqNum}`),
      take(2136),
      toArray(),
    ),
  );

  expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
  expect(handled).toEqual(span(1, 2136).map((n) => `handled ${n}`));
});
