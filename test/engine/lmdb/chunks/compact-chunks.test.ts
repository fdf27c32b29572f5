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

/** Stores jobs and nodes alternately, each in a separate commit. */
const storeSeparately = async (first: number, last: number): Promise<void> => {
  for (const n of span(first, last))
    await store.storeEvent(n % 2 ? created(n) : request('DELETE', 'Node', n));
};

/** Reads from the start of the log, and from the middle and the end of chunks, with and without filters. */
const readEverywhere = (of: EventStore) => {
  const iterators: EventIterator[] = [trimHorizon(), { type: 'at_timestamp', timestamp: 0 }];
  for (const sequenceNumber of [1, 100, 1023, 1024, 1025, 2047, 2048, 2049, 2136]) {
    iterators.push({ type: 'at_sequence_number', sequenceNumber });
    iterators.push({ type: 'after_sequence_number', sequenceNumber });
  }
  const filters = [{}, { objectTypes: ['Node'] }, { operations: ['CREATE' as const] }];
  return Promise.all(
    iterators.flatMap((iterator) => filters.map((filter) => readAll(of, iterator, { filter }))),
  );
};

describe('a run of garbage collection on LMDB', () => {
  test('garbage collection on LMDB merges chunks of single events into one chunk, except for the chunks at the end of the log', async () => {
    await storeSeparately(1, 2136);
    const before = await readEverywhere(store);
    expect(fixture.keys()).toHaveLength(2136);

    expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum: 1 });

    expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
    expect(await readEverywhere(store)).toStrictEqual(before);
    const another = openLmdbStore({ env: fixture.env, scheduler: fixture.time });
    expect(await readEverywhere(another)).toStrictEqual(before);
    await another.close();
  });

  test('garbage collection on LMDB continues the compaction at the position at which the previous run ended', async () => {
    await storeSeparately(1, 1068);
    await store.collectGarbage();
    await storeSeparately(1069, 2136);
    const before = await readEverywhere(store);

    await store.collectGarbage();

    expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
    expect(await readEverywhere(store)).toStrictEqual(before);
  });
});

test('compactChunks with maxRecords 1 merges one group of chunks in each call', async () => {
  await storeSeparately(1, 2136);
  const slice = () => fixture.env.transaction(() => compactChunks(fixture.table, 1));

  expect(await slice()).toBe(true);
  expect(fixture.keys()).toEqual([1024, ...span(1025, 2136)]);
  expect(await slice()).toBe(true);
  expect(fixture.keys()).toEqual([1024, 2048, ...span(2049, 2136)]);
  expect(await slice()).toBe(false);
});

test('compaction does not disturb a watcher that has read only a part of a page', async () => {
  await storeSeparately(1, 2136);
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
