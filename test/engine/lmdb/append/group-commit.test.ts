import type { Database, RootDatabase } from 'lmdb';
import { appendTo, type EventStore } from 'rx-watcher';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

describe('group commit of an LMDB store', () => {
  let env: RootDatabase;
  let table: Database<Buffer, number>;
  let store: EventStore;

  beforeEach(() => {
    env = testEnv();
    table = env.openDB({ name: 'events', encoding: 'binary' });
    store = testStore({ env });
  });
  const chunks = (): readonly number[] => [...table.getKeys({ start: 1 })];

  test('group commit stores concurrent appends in one commit and one chunk', async () => {
    await Promise.all(span(1, 100).map((n) => store.storeEvent(created(n))));

    expect(chunks()).toEqual([100]);
  });

  test('group commit stores all requests that appendTo has received in one commit', async () => {
    const events = await lastValueFrom(from(span(1, 100)).pipe(map(created), appendTo(store), toArray()));

    expect(seqNums(events)).toEqual(span(1, 100));
    expect(chunks()).toEqual([100]);
  });

  test('group commit stores appends that are requested during a commit together in the next commit', async () => {
    const appends: Promise<unknown>[] = [];
    let stored = 0;
    const writer = async () => {
      for (const _ of span(1, 10)) {
        await store.storeEvent(created(1));
        stored++;
      }
    };

    for (const _ of span(1, 50)) appends.push(writer());
    await Promise.all(appends);

    expect(stored).toBe(500);
    expect(chunks().at(-1)).toBe(500);
    expect(chunks().length).toBeLessThanOrEqual(20);
  });

  test('appends that wait for the commit in flight are completed before close resolves', async () => {
    const first = store.storeEvent(created(1));
    await null; // after two microtasks, the first commit is in flight
    await null;
    const second = store.storeEvent(created(2));
    let isDurable = false;
    const observed = second.then(() => {
      isDurable = true;
    });

    await store.close();

    expect(isDurable).toBe(true);
    await Promise.all([first, observed]);
    expect(chunks()).toEqual([1, 2]);
  });

  test('each append is stored in a separate commit if the caller awaits one append before the next', async () => {
    for (const n of span(1, 5)) {
      await store.storeEvent(created(n));
      expect(chunks()).toEqual(span(1, n));
    }
  });

  test('an append that exceeds the limits of a chunk is split into several chunks', async () => {
    await store.storeEvents(span(1, 2136).map(created));
    expect(chunks()).toEqual([1024, 2048, 2136]);

    await store.storeEvents(span(1, 3).map(() => request('CREATE', 'Text', 'x'.repeat(40_000))));
    expect(chunks()).toEqual([1024, 2048, 2136, 2137, 2138, 2139]);
    expect(seqNums(await readAll(store))).toEqual(span(1, 2139));
  });
});
