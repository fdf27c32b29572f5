import { StoreClosedError } from 'rx-watcher';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, request, seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { type Application, application } from '../../../support/lmdb/application.ts';

let app: Application;

beforeEach(async () => {
  app = await application();
});
afterEach(() => app.remove());

describe('a transaction on LMDB', () => {
  test('a transaction on LMDB stores rows of the application and events atomically', async () => {
    const { store, users } = app;

    const stored = await store.transaction((storeEvent) => {
      void users.put('u1', 'Ada');
      const first = storeEvent(request('CREATE', 'User', 'Ada'));
      void users.put('u2', 'Bob');
      return [first, storeEvent(request('UPDATE', 'User', 'Bob'))];
    });

    expect(seqNums(stored)).toEqual([1, 2]);
    expect(await readAll(store)).toStrictEqual(stored);
    expect([users.get('u1'), users.get('u2')]).toEqual(['Ada', 'Bob']);
  });

  test('a transaction on LMDB resolves with the result of its work function, even if that function stores no event', async () => {
    const { store, users } = app;

    expect(await store.transaction(() => void users.put('u1', 'Ada'))).toBeUndefined();
    expect(await store.transaction(() => 7)).toBe(7);

    expect(users.get('u1')).toBe('Ada');
    expect(await firstValueFrom(store.getLatestSeqNum())).toBe(0);
    expect((await store.storeEvent(created(1))).seqNum).toBe(1);
  });

  test('a transaction on LMDB serializes each object during the call of storeEvent', async () => {
    const object = { n: 1 };

    await app.store.transaction((storeEvent) => {
      storeEvent(request('CREATE', 'Job', object));
      object.n = 2;
      storeEvent(request('UPDATE', 'Job', object));
    });

    expect((await readAll(app.store)).map((event) => event.object)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('a transaction on LMDB can store thousands of events, which are still present after the file is reopened', async () => {
    const path = app.directory.file('events.lmdb');
    const before = openLmdbStore({ path });
    await before.storeEvent(created(0));

    const last = await before.transaction((storeEvent) =>
      span(1, 20_000)
        .map((n) => storeEvent(created(n)))
        .at(-1),
    );
    await before.close();

    expect(last?.seqNum).toBe(20_001);
    const after = openLmdbStore({ path });
    const events = await readAll(after);
    await after.close();
    expect(seqNums(events)).toEqual(span(1, 20_001));
    expect(events.map(({ object }) => object)).toEqual(span(0, 20_000).map((n) => ({ n })));
  });

  test('a transaction on LMDB is rejected without a call of its work function if the store is closed', async () => {
    let isCalled = false;
    await app.store.close();

    const failure = await failureOf(app.store.transaction(() => (isCalled = true)));

    expect(failure).toBeInstanceOf(StoreClosedError);
    expect(isCalled).toBe(false);
  });

  test('a transaction on LMDB that is in flight is completed before close resolves', async () => {
    const stored = app.store.transaction((storeEvent) => storeEvent(created(1)));

    await app.store.close();

    expect((await stored).seqNum).toBe(1);
    expect(seqNums(await readAll(openLmdbStore({ env: app.env })))).toEqual([1]);
  });
});

test('concurrent transactions and appends on LMDB get contiguous sequence numbers', async () => {
  const { store } = app;
  const inTransaction = (n: number) =>
    store.transaction((storeEvent) =>
      span(1, 3).map((part) => storeEvent(request('CREATE', 'Part', { n, part }))),
    );
  const failing = (n: number) =>
    failureOf(
      store.transaction((storeEvent) => {
        storeEvent(created(n));
        throw new Error('not this one');
      }),
    );

  const calls = span(1, 40).flatMap((n) => [
    inTransaction(n),
    store.storeEvent(created(n)).then((event) => [event]),
    failing(n).then(() => []),
    store.storeEvents([created(n), created(n)]),
  ]);
  const stored = await Promise.all(calls);

  const events = await readAll(store);
  expect(seqNums(events)).toEqual(span(1, 40 * 6));
  for (const group of stored) {
    const first = group[0]?.seqNum ?? 1;
    expect(group).toStrictEqual(events.slice(first - 1, first - 1 + group.length));
  }
});
