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

describe('an append with an id on LMDB', () => {
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

  test('an append resolves with the earlier event if another append with the same id is in the same group commit', async () => {
    const [first, second] = await Promise.all([
      one.storeEvent(withId('a', { object: 1 })),
      one.storeEvent(withId('a', { object: 2 })),
    ]);

    expect(second).toEqual(first);
    expect(await readAll(one)).toEqual([first]);
  });

  test('an append with an id on LMDB writes nothing to the file if all events of the append are stored already', async () => {
    const stored = await one.storeEvents([withId('a'), withId('b')]);
    const before = lastCommit();

    expect(await one.storeEvents([withId('b'), withId('a')])).toEqual([stored[1], stored[0]]);
    expect(await other.storeEvent(withId('a'))).toEqual(stored[0]);
    expect(lastCommit()).toBe(before);
  });

  test('an append that is rejected with a DuplicateIdError does not affect the other appends of its group commit', async () => {
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

  test('an append with an id resolves with the stored event if another LMDB store has appended the id', async () => {
    for (const n of span(1, 20)) {
      const [first, second] = n % 2 ? [one, other] : [other, one];
      const event = await first.storeEvent(withId(`e${n}`));
      expect(await second.storeEvent(withId(`e${n}`))).toEqual(event);
    }
    expect(seqNums(await readAll(one))).toEqual(span(1, 20));
  });

  test('two LMDB stores that append the same id at the same time store one event', async () => {
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

  test('an append with an id stores a new event if another LMDB store has trimmed the event with this id', async () => {
    await other.close();
    other = openLmdbStore({ env, gcAgeThreshold: 0, retention: { maxEvents: 0 } });
    await one.storeEvent(withId('a'));
    await other.collectGarbage();

    expect((await one.storeEvent(withId('a'))).seqNum).toBe(2);
    expect((await one.storeEvent(withId('a'))).seqNum).toBe(2);
  });

  test('an append with an id resolves with the stored event after the LMDB file is reopened', async () => {
    const stored = await one.storeEvent(withId('a', { key: 'k', metadata: { user: 'ada' }, object: [1] }));
    await one.close();
    one = openLmdbStore({ env });

    const again = withId('a', { key: 'k', metadata: { user: 'eve' }, object: [2] });
    expect(await one.storeEvent(again)).toEqual(stored);
  });

  describe('an append with an id in a transaction on LMDB', () => {
    test('an append in a transaction returns the stored event if the log or the transaction already contains the id', async () => {
      const first = await one.storeEvent(withId('a'));
      const events = await one.transaction((storeEvent) =>
        ['a', 'b', 'b', 'c'].map((id) => storeEvent(withId(id))),
      );

      expect(events[0]).toEqual(first);
      expect(events[2]).toEqual(events[1]);
      expect(seqNums(events)).toEqual([1, 2, 2, 3]);
      expect(idsOf(await readAll(one))).toEqual(['a', 'b', 'c']);
    });

    test('an append in a transaction returns the stored event if an earlier transaction of the same commit has stored the id', async () => {
      const results = await Promise.all(
        span(1, 5).map((n) =>
          one.transaction((storeEvent) => [storeEvent(withId('a')), storeEvent(withId(`e${n}`))]),
        ),
      );

      expect(results.map(seqNums)).toEqual(span(1, 5).map((n) => [1, n + 1]));
    });

    test('an append in a transaction throws a DuplicateIdError, which the work function can catch to continue', async () => {
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

    test('an id can be appended again after its transaction was rolled back', async () => {
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

  test('appended$ of a log on LMDB emits the records that an append has stored, without duplicates', async () => {
    const emitted: (readonly StoredRecord[] | undefined)[] = [];
    log.appended$.subscribe((records) => emitted.push(records));
    const newRecord = (id: string) => ({ ...draft(id), id });

    await log.append([newRecord('a')], 7);
    await log.append([newRecord('a')], 7);
    await log.append([newRecord('b'), newRecord('a'), newRecord('c')], 7);

    // If a check of the file finds an append before its commit is reported, an empty array is emitted.
    const ids = emitted.map((records) => records?.map(({ id }) => id));
    expect(ids).toHaveLength(2);
    expect([['a'], []]).toContainEqual(ids[0]);
    expect([['b', 'c'], []]).toContainEqual(ids[1]);
  });
});
