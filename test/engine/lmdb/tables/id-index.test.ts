import type { Database, RootDatabase } from 'lmdb';
import type { StoreEventRequest } from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { request } from 'rx-watcher/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createIdIndex, openIds } from '../../../../src/engine/lmdb/tables/id-index.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv } from '../../../support/lmdb/lmdb-log.ts';

const withId = (id: string | undefined): StoreEventRequest =>
  id === undefined ? request() : request({ id });
const withIds = (...ids: readonly (string | undefined)[]) => ids.map(withId);

describe('the index from event ids to sequence numbers on LMDB', () => {
  let env: RootDatabase;
  let ids: Database<Buffer, Buffer>;
  let store: LmdbEventStore;
  const time = new VirtualClock();

  const open = (eventsBucket: string) =>
    openLmdbStore({ env, eventsBucket, checkpointBucket: 'of all', scheduler: time, gcAgeThreshold: 1000 });

  eachDirectory((directory) => {
    env = openEnv(directory.file('events.lmdb'));
    ids = openIds(env);
    store = open('events');
  });
  afterEach(async () => {
    await store.close();
    await env.close();
  });

  /** Returns the rows of all logs in the index: the id and the sequence number of each row. */
  const rows = () => {
    env.resetReadTxn();
    return [...ids.getRange()].map(({ key, value }) => [key.toString('utf8', 16), value.readDoubleLE(0)]);
  };
  const trim = async (seqNum: number, of = store) => {
    await of.storeCheckpoint('w', seqNum);
    time.set(time.now() + 1000);
    await of.collectGarbage();
  };

  test('the index of event ids has a row for each event with an id', async () => {
    await store.storeEvents(withIds('a', undefined, 'c'));
    await store.storeEvent(withId(undefined));
    await store.transaction((storeEvent) => [storeEvent(withId('e')), storeEvent(withId(undefined))]);
    await store.importEvents?.(6, [{ ...withId('g'), seqNum: 7, timestamp: new Date(time.now()) }]);

    expect(rows()).toEqual([
      ['a', 1],
      ['c', 3],
      ['e', 5],
      ['g', 7],
    ]);
  });

  test('the index of event ids has no rows for a log without ids', async () => {
    await store.storeEvents(withIds(undefined, undefined));
    await trim(1);

    expect(rows()).toEqual([]);
  });

  test('the index of event ids loses the row of an event when the event is trimmed, even if only a part of its chunk is trimmed', async () => {
    await store.storeEvents(withIds('a', 'b', undefined, 'd'));
    await store.storeEvents(withIds('e', 'f', 'g'));

    await trim(1);
    expect(rows().map(([id]) => id)).toEqual(['b', 'd', 'e', 'f', 'g']);
    await trim(5);
    expect(rows().map(([id]) => id)).toEqual(['f', 'g']);
    await trim(7);
    expect(rows()).toEqual([]);
  });

  test('the index of event ids keeps its rows when chunks are compacted, and loses each row when its event is trimmed afterwards', async () => {
    for (const n of span(1, 40)) await store.storeEvent(withId(`e${n}`));
    await store.collectGarbage();
    await store.storeEvents(withIds('last'));

    expect(rows()).toHaveLength(41);
    expect((await store.storeEvent(withId('e17'))).seqNum).toBe(17);
    await trim(40);
    expect(rows()).toEqual([['last', 41]]);
  });

  test('an append with the id of a trimmed event stores a new event', async () => {
    await store.storeEvents(withIds('a', 'b'));
    await trim(1);

    expect(seqNums(await store.storeEvents(withIds('a', 'b')))).toEqual([3, 2]);
    await trim(2);
    expect(rows()).toEqual([['a', 3]]);
  });

  test('the index of event ids keeps the row of an imported event if an earlier event with the same id is trimmed', async () => {
    const imported = [1, 2].map((seqNum) => ({ ...withId('a'), seqNum, timestamp: new Date(time.now()) }));
    await store.importEvents?.(0, imported);
    await trim(1);

    expect(rows()).toEqual([['a', 2]]);
    expect((await store.storeEvent(withId('a'))).seqNum).toBe(2);
  });

  test('the index of event ids keeps the ids of different logs in one environment separate, whatever their names and ids are', async () => {
    const names = ['events', 'event', 'x'.repeat(1977), 'é'];
    const logs = names.slice(1).map(open);
    const texts = ['a', 's\0a', '\0', '\u0001', 'a\0', 'é'.repeat(128), 'x'.repeat(256)];
    for (const log of [store, ...logs]) await log.storeEvents(texts.map(withId));
    await trim(1, logs[0] as LmdbEventStore);

    expect(rows()).toHaveLength(4 * texts.length - 1);
    for (const log of [store, ...logs.slice(1)]) {
      expect(seqNums(await log.storeEvents(texts.map(withId)))).toEqual(span(1, texts.length));
    }
    expect((await logs[0]?.storeEvent(withId('a')))?.seqNum).toBe(texts.length + 1);
    await Promise.all(logs.map((log) => log.close()));
  });

  test('the index of event ids gets rows only for later events if the log was written without an index', async () => {
    await store.storeEvents(withIds('a', 'b'));
    await ids.clearAsync();

    expect((await store.storeEvent(withId('a'))).seqNum).toBe(3);
    expect((await store.storeEvent(withId('a'))).seqNum).toBe(3);
    await trim(2);
    expect(rows()).toEqual([['a', 3]]);
  });

  test('the index of event ids keeps a row if the transaction that removes the row is rolled back', async () => {
    await store.storeEvents(withIds('a', 'b'));
    const index = createIdIndex(ids, 'events');
    const undo = new Error('undo');

    const remove = () =>
      env.transactionSync(() => {
        index.remove('a', 1);
        throw undo;
      });

    expect(remove).toThrow(undo);
    expect(rows()).toHaveLength(2);
  });

  describe('an append with the id of a damaged event', () => {
    const damage = async (change: (chunk: Buffer) => void) => {
      const events = env.openDB<Buffer, number>({ name: 'events', encoding: 'binary' });
      const chunk = Buffer.from(events.get(2) as Buffer);
      change(chunk);
      await events.put(2, chunk);
    };

    test('an append with the id of an event in a damaged chunk is rejected with a DeserializationError, and other appends are stored', async () => {
      await store.storeEvents(withIds('a', 'b'));
      await damage((chunk) => chunk.fill(0, 0, 40));

      const [failure, other] = await Promise.all([
        failureOf(store.storeEvent(withId('a'))),
        store.storeEvent(withId('c')),
      ]);
      expect(failure).toMatchObject({ code: 'ERR_DESERIALIZATION', seqNum: 1 });
      expect(other.seqNum).toBe(3);
    });

    test('an append with the id of an event with a damaged payload is rejected with a DeserializationError and stores nothing', async () => {
      await store.storeEvents(withIds('a', 'b'));
      await damage((chunk) => chunk.fill(0, chunk.length - 2));

      expect(await failureOf(store.storeEvent(withId('b')))).toMatchObject({ seqNum: 2 });
      expect((await store.storeEvent(withId('a'))).seqNum).toBe(1);
      expect((await store.storeEvent(withId('c'))).seqNum).toBe(3);
    });

    test('an append with the id of a damaged event stores a new event after the damaged chunk is trimmed', async () => {
      await store.storeEvents(withIds('a', 'b'));
      await store.storeEvent(withId('c'));
      await damage((chunk) => chunk.fill(0, 0, 40));
      const trimming = openLmdbStore({ env, retention: { maxEvents: 1 } });
      await trimming.collectGarbage();
      await trimming.close();

      expect((await store.storeEvent(withId('a'))).seqNum).toBe(4);
      expect(seqNums(await readAll(store))).toEqual([3, 4]);
    });
  });
});
