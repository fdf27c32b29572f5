import type { RootDatabase } from 'lmdb';
import {
  DuplicateIdError,
  type Event,
  type EventLog,
  type StoredRecord,
  type StoreEventRequest,
} from 'rx-watcher';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { request } from 'rx-watcher/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { draft } from '../../../../src/testing/conformance/log-fixture.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../support/each-directory.ts';
import { openEnv, openLmdbLog } from '../../../support/lmdb/lmdb-log.ts';

const withId = (id: string, rest: Partial<StoreEventRequest> = {}) => request({ id, ...rest });
const idsOf = (events: readonly Event[]) => events.map(({ id }) => id);

describe('an append with an id', () => {
  let env: RootDatabase;
  let one: LmdbEventStore;
  let other: LmdbEventStore;

  eachDirectory((directory) => {
    env = openEnv(directory.file('events.lmdb'));
    one = openLmdbStore({ env });
    other = openLmdbStore({ env });
  });
  afterEach(async () => {
    await one.close();
    await other.close();
    await env.close();
  });

  /** Number of the last commit of the environment. */
  const lastCommit = (): number => {
    env.resetReadTxn();
    return (env.getStats() as { lastTxnId: number }).lastTxnId;
  };

  test('returns the event of an earlier append of the same group', async () => {
    const [first, second] = await Promise.all([
      one.storeEvent(withId('a', { object: 1 })),
      one.storeEvent(withId('a', { object: 2 })),
    ]);

    expect(second).toEqual(first);
    expect(await readAll(one)).toEqual([first]);
  });

  test('writes nothing if each of its events is stored already', async () => {
    const stored = await one.storeEvents([withId('a'), withId('b')]);
    const before = lastCommit();

    expect(await one.storeEvents([withId('b'), withId('a')])).toEqual([stored[1], stored[0]]);
    expect(await other.storeEvent(withId('a'))).toEqual(stored[0]);
    expect(lastCommit()).toBe(before);
  });

  test('that is rejected with a DuplicateIdError does not affect the other appends of its group', async () => {
    await one.storeEvent(withId('a'));
    const appends = [
      one.storeEvent(withId('b')),
      failureOf(one.storeEvents([withId('x'), withId('a', { key: 'k' })])),
      one.storeEvents([withId('c'), withId('a')]),
      failureOf(one.storeEvent(withId('b', { operation: 'DELETE' }))),
      one.storeEvent(withId('x')),
    ];

    const [, first, , second] = await Promise.all(appends);
    expect(first).toBeInstanceOf(DuplicateIdError);
    expect(first).toMatchObject({ id: 'a', seqNum: 1 });
    expect(second).toMatchObject({ code: 'ERR_DUPLICATE_ID', id: 'b', seqNum: 2 });
    expect(idsOf(await readAll(one))).toEqual(['a', 'b', 'c', 'x']);
  });

  test('finds an event that another store has appended', async () => {
    for (const n of span(1, 20)) {
      const [first, second] = n % 2 ? [one, other] : [other, one];
      const event = await first.storeEvent(withId(`e${n}`));
      expect(await second.storeEvent(withId(`e${n}`))).toEqual(event);
    }
    expect(seqNums(await readAll(one))).toEqual(span(1, 20));
  });

  test('is stored once if two stores append it at the same time', async () => {
    await Promise.all([one.storeEvent(withId('first of one')), other.storeEvent(withId('first of other'))]);
    for (const n of span(1, 50)) {
      const [first, second] = await Promise.all([
        one.storeEvents([withId(`a${n}`), withId(`b${n}`)]),
        other.storeEvents([withId(`b${n}`), withId(`a${n}`)]),
      ]);
      expect(second).toEqual([first[1], first[0]]);
    }
    expect(seqNums(await readAll(one))).toEqual(span(1, 102));
  });

  test('is stored again if another store has trimmed its event since the last append', async () => {
    await other.close();
    other = openLmdbStore({ env, gcAgeThreshold: 0, retention: { maxEvents: 0 } });
    await one.storeEvent(withId('a'));
    await other.collectGarbage();

    expect((await one.storeEvent(withId('a'))).seqNum).toBe(2);
    expect((await one.storeEvent(withId('a'))).seqNum).toBe(2);
  });

  test('returns the stored event after a reopen', async () => {
    const stored = await one.storeEvent(withId('a', { key: 'k', metadata: { user: 'ada' }, object: [1] }));
    await one.close();
    one = openLmdbStore({ env });

    const again = withId('a', { key: 'k', metadata: { user: 'eve' }, object: [2] });
    expect(await one.storeEvent(again)).toEqual(stored);
  });

  describe('in a transaction', () => {
    test('returns the event that the log or the transaction has stored', async () => {
      const first = await one.storeEvent(withId('a'));
      const events = await one.transaction((storeEvent) =>
        ['a', 'b', 'b', 'c'].map((id) => storeEvent(withId(id))),
      );

      expect(events[0]).toEqual(first);
      expect(events[2]).toEqual(events[1]);
      expect(seqNums(events)).toEqual([1, 2, 2, 3]);
      expect(idsOf(await readAll(one))).toEqual(['a', 'b', 'c']);
    });

    test('finds the events of earlier transactions of the same commit', async () => {
      const results = await Promise.all(
        span(1, 5).map((n) =>
          one.transaction((storeEvent) => [storeEvent(withId('a')), storeEvent(withId(`e${n}`))]),
        ),
      );

      expect(results.map(seqNums)).toEqual(span(1, 5).map((n) => [1, n + 1]));
    });

    test('throws a DuplicateIdError synchronously, after which work can continue', async () => {
      await one.storeEvent(withId('a'));
      await one.transaction((storeEvent) => {
        expect(() => storeEvent(withId('a', { key: 'k' }))).toThrow(DuplicateIdError);
        storeEvent(withId('b'));
      });
      const failure = await failureOf(
        one.transaction((storeEvent) => [storeEvent(withId('c')), storeEvent(withId('a', { key: 'k' }))]),
      );

      expect(failure).toBeInstanceOf(DuplicateIdError);
      expect(idsOf(await readAll(one))).toEqual(['a', 'b']);
    });

    test('can be stored again after the transaction is rolled back', async () => {
      await failureOf(
        one.transaction((storeEvent) => {
          storeEvent(withId('a'));
          throw new Error('no');
        }),
      );

      expect((await one.storeEvent(withId('a'))).seqNum).toBe(1);
    });
  });
});

describe('appended$ of a log on LMDB', () => {
  let log: EventLog;

  eachDirectory((directory) => {
    log = openLmdbLog(directory.file('events.lmdb'));
  });
  afterEach(() => log.close());

  test('emits the records that an append stores, without duplicates', async () => {
    const emitted: (readonly StoredRecord[] | undefined)[] = [];
    log.appended$.subscribe((records) => emitted.push(records));
    const newRecord = (id: string) => ({ ...draft(id), id });

    await log.append([newRecord('a')], 7);
    await log.append([newRecord('a')], 7);
    await log.append([newRecord('b'), newRecord('a'), newRecord('c')], 7);

    // A check of the file can find an append first, and then emits an empty array.
    const ids = emitted.map((records) => records?.map(({ id }) => id));
    expect(ids).toHaveLength(2);
    expect([['a'], []]).toContainEqual(ids[0]);
    expect([['b', 'c'], []]).toContainEqual(ids[1]);
  });
});
