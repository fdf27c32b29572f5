import { InvalidRequestError, latest, trimHorizon, watch } from 'rx-watcher';
import type { LmdbEventStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../../src/testing/conformance/support/note.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created, seqNums } from '../../../../src/testing/conformance/support/requests.ts';
import { type Application, application } from '../../../support/lmdb/application.ts';

let app: Application;

beforeEach(async () => {
  app = await application();
  await app.store.storeEvent(created(1));
});
afterEach(() => app.remove());

describe('an event that a transaction stores on LMDB', () => {
  test('an event of an LMDB transaction is delivered to readers and watchers in order, only after the commit', async () => {
    const { store } = app;
    const tail = note(store.events(latest()));
    const page = note(store.getEvents({ iterator: latest() }));
    await store.storeCheckpoint('w', 0);
    const watcher = note(watch(store, 'w', { handler: () => undefined }));
    const seen = () => [tail.values, page.values[0]?.events ?? [], watcher.values].map((all) => all.length);

    await store.transaction((storeEvent) => {
      storeEvent(created(2));
      storeEvent(created(3));
      expect(seen()).toEqual([0, 0, 1]);
    });

    expect(seqNums(tail.values)).toEqual([2, 3]);
    expect(seqNums(page.values[0]?.events ?? [])).toEqual([2, 3]);
    expect(watcher.values.map(({ seqNum }) => seqNum)).toEqual([1, 2, 3]);
  });

  test('an event of a rolled-back LMDB transaction is delivered to no reader, and the next event gets its number', async () => {
    const { store } = app;
    const tail = note(store.events(latest()));

    await failureOf(
      store.transaction((storeEvent) => {
        expect(storeEvent(created(-2))).toMatchObject({ seqNum: 2, object: { n: -2 } });
        throw new Error('no');
      }),
    );
    await store.storeCheckpoint('w', 1);
    expect(tail.values).toEqual([]);

    const next = await store.storeEvent(created(2));
    expect(next).toMatchObject({ seqNum: 2, object: { n: 2 } });
    expect(tail.values).toStrictEqual([next]);
  });

  test('an event is returned to the work function as a copy, so that changes to the copy do not affect the stored event', async () => {
    const { store } = app;

    const returned = await store.transaction((storeEvent) => storeEvent(created(2)));
    (returned.object as { n: number }).n = 99;

    expect((await readAll(store))[1]?.object).toEqual({ n: 2 });
  });
});

describe('inside the work function of a transaction', () => {
  test('a read inside the work function of a transaction does not return events of that transaction', async () => {
    const { store } = app;
    let read: { readonly latest: number[]; readonly events: number[] } | undefined;

    await store.transaction((storeEvent) => {
      storeEvent(created(2));
      read = {
        latest: note(store.getLatestSeqNum()).values,
        events: note(store.events(trimHorizon(), { live: false })).values.map(({ seqNum }) => seqNum),
      };
      storeEvent(created(3));
    });

    expect(read).toEqual({ latest: [1], events: [1] });
    expect(seqNums(await readAll(store))).toEqual([1, 2, 3]);
  });

  test('reads inside the work function of a transaction do not return events of an earlier transaction in the same commit', async () => {
    const { store } = app;
    let read: readonly number[] | undefined;

    const earlier = store.transaction((storeEvent) => storeEvent(created(2)));
    await store.transaction(() => {
      read = seqNums(note(store.events(trimHorizon(), { live: false })).values);
    });

    expect((await earlier).seqNum).toBe(2);
    expect(read).toEqual([1]);
    expect(seqNums(await readAll(store))).toEqual([1, 2]);
  });

  test.each<[string, (store: LmdbEventStore) => Promise<unknown>]>([
    ['storeEvent', (store) => store.storeEvent(created(10))],
    ['storeEvents', (store) => store.storeEvents([created(10)])],
    ['storeCheckpoint', (store) => store.storeCheckpoint('w', 1)],
    ['a second transaction', (store) => store.transaction((inner) => inner(created(11)))],
  ])(
    'a call of %s inside the work function is rejected, because the transaction could not contain the write',
    async (_name, write) => {
      const { store } = app;
      let written: Promise<unknown> | undefined;

      await store.transaction((storeEvent) => {
        written = failureOf(write(store));
        storeEvent(created(2));
      });

      expect(await written).toBeInstanceOf(InvalidRequestError);
      expect((await readAll(store)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBeUndefined();
    },
  );
});
