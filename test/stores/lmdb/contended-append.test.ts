import type { RootDatabase } from 'lmdb';
import { type LmdbEventStore, openLmdbStore } from 'rx-watcher/lmdb';
import { afterEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../src/testing/conformance/read-all.ts';
import { created, seqNums, span } from '../../../src/testing/conformance/requests.ts';
import { eachDirectory } from '../../conformance/each-directory.ts';
import { openEnv } from '../../conformance/lmdb-log.ts';

/** Two stores on one log: neither sees what the other knows of where the log ends. */
describe('an append behind one that this store does not know of', () => {
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

  test('gets the number after it, whoever appends in turn', async () => {
    for (const n of span(1, 20)) {
      const store = n % 2 === 0 ? one : other;
      expect((await store.storeEvent(created(n))).seqNum).toBe(n);
    }
    expect(seqNums(await readAll(one))).toEqual(span(1, 20));
  });

  test('gets a number of its own, if both append at the same time', async () => {
    await one.storeEvent(created(0));
    await other.storeEvent(created(0));

    const events = await Promise.all(span(1, 50).map((n) => (n % 2 ? one : other).storeEvent(created(n))));

    expect(seqNums(events).toSorted((a, b) => a - b)).toEqual(span(3, 52));
    expect(seqNums(await readAll(one))).toEqual(span(1, 52));
  });

  test('of a batch or of a transaction leaves no hole, and takes no number twice', async () => {
    await one.storeEvent(created(1));
    await other.transaction((storeEvent) => [storeEvent(created(2)), storeEvent(created(3))]);
    await other.storeEvents(span(4, 600).map(created));

    expect((await one.storeEvent(created(601))).seqNum).toBe(601);
    expect(seqNums(await readAll(other))).toEqual(span(1, 601));
  });

  test('goes on behind a log that was emptied', async () => {
    await one.storeEvents([created(1), created(2)]);
    await one.close();
    one = openLmdbStore({ env, gcAgeThreshold: 0, retention: { maxEvents: 0 } });
    await one.collectGarbage();

    expect((await other.storeEvent(created(3))).seqNum).toBe(3);
  });
});
