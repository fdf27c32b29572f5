import type { RootDatabase } from 'lmdb';
import type { LmdbEventStore } from 'rx-watcher/lmdb';
import { beforeEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { testEnv, testStore } from '../../../support/lmdb/test-store.ts';

/** Two stores append to one log. Each store caches the log end position, which an append of the other store changes. */
describe('an append to an LMDB log to which another store has also appended', () => {
  let env: RootDatabase;
  let one: LmdbEventStore;
  let other: LmdbEventStore;

  beforeEach(() => {
    env = testEnv();
    one = testStore({ env });
    other = testStore({ env });
  });

  test('appends of two LMDB stores that append alternately get successive sequence numbers', async () => {
    for (const n of span(1, 20)) {
      const store = n % 2 === 0 ? one : other;
      expect((await store.storeEvent(created(n))).seqNum).toBe(n);
    }
    expect(seqNums(await readAll(one))).toEqual(span(1, 20));
  });

  test('each append of two LMDB stores that append at the same time gets a unique sequence number', async () => {
    await one.storeEvent(created(0));
    await other.storeEvent(created(0));

    const events = await Promise.all(span(1, 50).map((n) => (n % 2 ? one : other).storeEvent(created(n))));

    expect(seqNums(events).toSorted((a, b) => a - b)).toEqual(span(3, 52));
    expect(seqNums(await readAll(one))).toEqual(span(1, 52));
  });

  test('appends of one LMDB store keep their order after an append of another store', async () => {
    for (const n of span(0, 9)) {
      await one.storeEvent(created(4 * n + 1));
      await other.storeEvent(created(4 * n + 2));
      const first = one.storeEvent(created(4 * n + 3));
      await null; // after two microtasks, the commit of the first append is in flight
      await null;
      const second = one.storeEvent(created(4 * n + 4));

      expect([(await first).seqNum, (await second).seqNum]).toEqual([4 * n + 3, 4 * n + 4]);
    }
  });

  test('an append leaves no gap and reuses no number after a transaction and a batch of another store', async () => {
    await one.storeEvent(created(1));
    await other.transaction((storeEvent) => [storeEvent(created(2)), storeEvent(created(3))]);
    await other.storeEvents(span(4, 600).map(created));

    expect((await one.storeEvent(created(601))).seqNum).toBe(601);
    expect(seqNums(await readAll(other))).toEqual(span(1, 601));
  });

  test('an append gets the next sequence number after a batch that another store has written as one chunk', async () => {
    await one.storeEvent(created(1));
    await other.storeEvents(span(2, 4).map(created));

    expect(seqNums(await one.storeEvents([created(5), created(6)]))).toEqual([5, 6]);
    expect((await other.storeEvent(created(7))).seqNum).toBe(7);
    expect(seqNums(await readAll(other))).toEqual(span(1, 7));
  });

  test('an append gets the next sequence number after events of another store were compacted', async () => {
    const large = (n: number) => ({ ...created(n), object: 'x'.repeat(30 * 1024) });
    await one.storeEvent(created(1));
    for (const n of span(2, 5)) await other.storeEvent(large(n));
    await other.collectGarbage();

    expect((await one.storeEvent(created(6))).seqNum).toBe(6);
    expect(seqNums(await readAll(other))).toEqual(span(1, 6));
  });

  test('an append gets the next sequence number after an event of another store was deleted', async () => {
    await other.close();
    other = testStore({ env, gcAgeThreshold: 0, retention: { maxEvents: 0 } });
    await one.storeEvent(created(1));
    await other.storeEvent(created(2));
    await other.collectGarbage();

    expect((await one.storeEvent(created(3))).seqNum).toBe(3);
    expect(seqNums(await readAll(one))).toEqual([3]);
  });

  test('an append after an import by another store gets the next number and no lower timestamp', async () => {
    const elsewhere = { ...created(2), seqNum: 2, timestamp: new Date(Date.now() + 60_000) };
    await one.storeEvent(created(1));
    await other.importEvents?.(1, [elsewhere, { ...elsewhere, seqNum: 3 }]);

    const event = await one.storeEvent(created(4));
    expect(event.seqNum).toBe(4);
    expect(event.timestamp).toEqual(elsewhere.timestamp);
  });
});
