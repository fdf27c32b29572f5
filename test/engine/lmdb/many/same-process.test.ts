import { type EventStore, latest, trimHorizon } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testFile, testStore } from '../../../support/lmdb/test-store.ts';
import { startProcess, startThread } from '../../../support/program.ts';

let path: string;
let store: EventStore;

beforeEach(() => {
  path = testFile();
  store = testStore({ path });
});

const follow = (by: EventStore, count: number) =>
  firstValueFrom(by.events(trimHorizon()).pipe(take(count), toArray()));

describe('a second LMDB store on the same path in one thread', () => {
  let second: EventStore;

  beforeEach(() => {
    second = testStore({ path });
  });

  test('two LMDB stores on one path in one thread share one log, and an append wakes the readers of both stores', async () => {
    const followed = Promise.all([follow(store, 300), follow(second, 300)]);

    const stored = await Promise.all(
      span(1, 100).flatMap((n) => [
        store.storeEvents([created(n)]),
        second.storeEvents([created(n), request('UPDATE', 'Job', { n })]),
      ]),
    );

    const events = await readAll(store);
    expect(seqNums(events)).toEqual(span(1, 300));
    expect(stored.flat().map(({ seqNum }) => events[seqNum - 1])).toStrictEqual(stored.flat());
    expect(await readAll(second)).toStrictEqual(events);
    expect(await followed).toStrictEqual([events, events]);
  });

  test('a second LMDB store on the same path in one thread continues to work when the first store is closed during appends', async () => {
    const followed = follow(second, 60);
    const before = span(1, 20).flatMap((n) => [store, second].map((by) => by.storeEvent(created(n))));

    await store.close();

    expect(seqNums(await Promise.all(before)).toSorted((a, b) => a - b)).toEqual(span(1, 40));
    const third = openLmdbStore({ path });
    const after = span(1, 10).flatMap((n) => [second, third].map((by) => by.storeEvent(created(n))));
    expect(seqNums(await Promise.all(after)).toSorted((a, b) => a - b)).toEqual(span(41, 60));
    expect(seqNums(await followed)).toEqual(span(1, 60));
    expect(seqNums(await readAll(third))).toEqual(span(1, 60));
    await third.close();
  });

  test('a second LMDB store on the same path in one thread can be opened and closed at any time during appends of the first store', async () => {
    // A deadlock would block the thread and its timers. In a separate process, the test can still time out.
    await startProcess(new URL('./open-often.mjs', import.meta.url), path).ended;

    const events = await readAll(store);
    expect(events.length).toBeGreaterThan(50);
    expect(seqNums(events)).toEqual(span(1, events.length));
  });
});

describe('an LMDB store in a worker thread on the same path as a store in the main thread', () => {
  test('LMDB stores of a worker thread and the main thread share one log, and an append wakes the readers of both', async () => {
    const writer = startThread(new URL('../../../crash/append-on-request.mjs', import.meta.url), path);
    const tail = startThread(new URL('./tail-each.mjs', import.meta.url), path);
    expect([await writer.readLine(), await tail.readLine()]).toEqual(['ready', 'ready']);

    for (const n of span(0, 49)) {
      const next = lastValueFrom(store.events(latest()).pipe(take(3)));
      const here = store.storeEvent(created(n));
      writer.writeLine('2');
      await Promise.all([here, writer.readLine()]);
      expect((await next).seqNum).toBe(3 * n + 3);
      for (const seqNum of span(3 * n + 1, 3 * n + 3)) expect(await tail.readLine()).toBe(String(seqNum));
    }

    expect(seqNums(await readAll(store))).toEqual(span(1, 150));
    await Promise.all([writer.end(), tail.end()]);
  });

  test('an LMDB store in a worker thread continues to work when the store in the main thread is closed and reopened', async () => {
    const writer = startThread(new URL('../../../crash/append-on-request.mjs', import.meta.url), path);
    const tail = startThread(new URL('./tail-each.mjs', import.meta.url), path);
    expect([await writer.readLine(), await tail.readLine()]).toEqual(['ready', 'ready']);
    await store.close();

    writer.writeLine('2');
    expect([await tail.readLine(), await tail.readLine(), await writer.readLine()]).toEqual(['1', '2', '2']);
    await writer.end();

    store = openLmdbStore({ path });
    await store.storeEvent(created(3));
    expect(await tail.readLine()).toBe('3');
    await tail.end();

    const next = firstValueFrom(store.events(latest()));
    await store.storeEvent(created(4));
    expect((await next).seqNum).toBe(4);
    expect(seqNums(await readAll(store))).toEqual(span(1, 4));
  });
});
