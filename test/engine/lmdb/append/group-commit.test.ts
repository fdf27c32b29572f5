import type { Database, RootDatabase } from 'lmdb';
import { appendTo, type EventStore } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { from, lastValueFrom, map, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachDirectory } from '../../../conformance/each-directory.ts';
import { openEnv } from '../../../conformance/lmdb-log.ts';

describe('appends', () => {
  let env: RootDatabase;
  let table: Database<Buffer, number>;
  let store: EventStore;

  eachDirectory((directory) => {
    env = openEnv(directory.file('events.lmdb'));
    table = env.openDB({ name: 'events', encoding: 'binary' });
    store = openLmdbStore({ env });
  });
  afterEach(async () => {
    await store.close();
    await env.close();
  });
  const chunks = (): readonly number[] => [...table.getKeys({ start: 1 })];

  test('that are made together share a commit: one chunk holds them', async () => {
    await Promise.all(span(1, 100).map((n) => store.storeEvent(created(n))));

    expect(chunks()).toEqual([100]);
  });

  test('that a stream of requests makes share commits as well, for appendTo does not wait for one before the next', async () => {
    const events = await lastValueFrom(from(span(1, 100)).pipe(map(created), appendTo(store), toArray()));

    expect(seqNums(events)).toEqual(span(1, 100));
    expect(chunks()).toEqual([100]);
  });

  test('that come while a commit is under way share the next one', async () => {
    const appends: Promise<unknown>[] = [];
    let done = 0;
    const writer = async () => {
      for (const _ of span(1, 10)) {
        await store.storeEvent(created(1));
        done++;
      }
    };

    for (const _ of span(1, 50)) appends.push(writer());
    await Promise.all(appends);

    expect(done).toBe(500);
    expect(chunks().at(-1)).toBe(500);
    expect(chunks().length).toBeLessThanOrEqual(20);
  });

  test('that wait for a commit under way are waited for by a close', async () => {
    const first = store.storeEvent(created(1));
    await null; // its commit is under way by then
    await null;
    const second = store.storeEvent(created(2));
    let isDurable = false;
    const noted = second.then(() => {
      isDurable = true;
    });

    await store.close();

    expect(isDurable).toBe(true);
    await Promise.all([first, noted]);
    expect(chunks()).toEqual([1, 2]);
  });

  test('that are awaited one by one are durable one by one', async () => {
    for (const n of span(1, 5)) {
      await store.storeEvent(created(n));
      expect(chunks()).toEqual(span(1, n));
    }
  });

  test('of more than a chunk holds are split, in one commit', async () => {
    await store.storeEvents(span(1, 2136).map(created));
    expect(chunks()).toEqual([1024, 2048, 2136]);

    await store.storeEvents(span(1, 3).map(() => request('CREATE', 'Text', 'x'.repeat(40_000))));
    expect(chunks()).toEqual([1024, 2048, 2136, 2137, 2138, 2139]);
    expect(seqNums(await readAll(store))).toEqual(span(1, 2139));
  });
});
