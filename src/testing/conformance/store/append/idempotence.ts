import { firstValueFrom } from 'rxjs';
import { DuplicateIdError, type StoreEventRequest, trimHorizon } from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const job = (id: string, n: number): StoreEventRequest => ({ ...created(n), id });

/** Fields that must be equal in all requests with one id. Each case changes one of these fields. */
const differing: readonly (readonly [string, Partial<StoreEventRequest>])[] = [
  ['operation', { operation: 'DELETE' }],
  ['object type', { objectType: 'Node' }],
  ['key', { key: 'other' }],
];

export const describeIdempotence = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('an append with an id', () => {
    test('an append with an id stores nothing if the log holds the id, and resolves with the stored event', async () => {
      const store = await open();
      const first = await store.storeEvent({ ...job('a', 1), key: 'k', metadata: { attempt: '1' } });
      await store.storeEvent(created(2));

      const second = await store.storeEvent({ ...job('a', 99), key: 'k', metadata: { attempt: '2' } });

      expect(second).toStrictEqual(first);
      expect(seqNums(await readAll(store))).toEqual([1, 2]);
      expect((await store.storeEvent(created(3))).seqNum).toBe(3);
    });

    test('ids that differ in any character belong to different events', async () => {
      const store = await open();
      const ids = ['a', 'A', 'a ', ' a', 'aa', 'a\0', '\0a', 'ä', 'a\u0308', '1', '01'];

      const stored = await Promise.all(ids.map((id, index) => store.storeEvent(job(id, index))));

      expect([...seqNums(stored)].sort((a, b) => a - b)).toEqual(span(1, ids.length));
      expect((await readAll(store)).map(({ id }) => id).sort()).toEqual([...ids].sort());
    });

    test('concurrent appends with the same id store one event', async () => {
      const store = await open();

      const stored = await Promise.all(span(1, 40).map((n) => store.storeEvent(job(`${n % 4}`, n % 4))));

      const events = await readAll(store);
      expect(seqNums(events)).toEqual(span(1, 4));
      expect(stored).toStrictEqual(stored.map(({ seqNum }) => events[seqNum - 1]));
      expect(stored.map(({ id }) => id)).toEqual(span(1, 40).map((n) => `${n % 4}`));
    });

    test('a batch stores one event for several requests with the same id', async () => {
      const store = await open();

      const stored = await store.storeEvents([job('a', 1), created(2), job('a', 3), job('b', 4)]);

      expect(seqNums(stored)).toEqual([1, 2, 1, 3]);
      expect(stored[2]).toStrictEqual(stored[0]);
      expect(await readAll(store)).toStrictEqual([stored[0], stored[1], stored[3]]);
    });

    test('a batch stores only its events with new ids', async () => {
      const store = await open();
      const [a, c] = [await store.storeEvent(job('a', 1)), await store.storeEvent(job('c', 2))];

      const stored = await store.storeEvents([job('b', 3), job('a', 4), created(5), job('c', 6)]);

      expect(seqNums(stored)).toEqual([3, 1, 4, 2]);
      expect([stored[1], stored[3]]).toStrictEqual([a, c]);
      expect(await readAll(store)).toStrictEqual([a, c, stored[0], stored[2]]);
    });

    test('a batch stores nothing if the log holds all its ids', async () => {
      const store = await open();
      const batch = [job('a', 1), job('b', 2)];
      const stored = await store.storeEvents(batch);

      expect(await store.storeEvents([...batch].reverse())).toStrictEqual([...stored].reverse());
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(2);
    });

    test('an append with an id does not wake a reader if it stores nothing', async () => {
      const store = await open();
      await store.storeEvent(job('a', 1));
      const live = note(store.events(trimHorizon()));

      await store.storeEvent(job('a', 1));
      await store.storeEvent(created(2));
      await live.has(2);

      expect(seqNums(live.values)).toEqual([1, 2]);
    });

    test.each(differing)(
      'an append is rejected if the stored event with the same id has another %s',
      async (_name, fields) => {
        const store = await open();
        await store.storeEvent(created(1));
        const first = await store.storeEvent({ ...job('a', 2), key: 'k' });

        const error = await failureOf(store.storeEvent({ ...job('a', 2), key: 'k', ...fields }));

        expect(error).toBeInstanceOf(DuplicateIdError);
        expect(error).toMatchObject({ code: 'ERR_DUPLICATE_ID', id: 'a', seqNum: 2 });
        expect(await store.storeEvent({ ...job('a', 3), key: 'k' })).toStrictEqual(first);
        expect(await readAll(store)).toHaveLength(2);
        expect((await store.storeEvent(created(3))).seqNum).toBe(3);
      },
    );

    test('an append is rejected if the stored event with the same id differs, and concurrent appends are stored', async () => {
      const store = await open();
      await store.storeEvent(job('a', 1));

      const results = await Promise.allSettled([
        store.storeEvent(created(2)),
        store.storeEvent({ ...job('a', 1), operation: 'DELETE' }),
        store.storeEvent(job('b', 3)),
      ]);

      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await readAll(store)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });

    test.each(differing)(
      'a batch is rejected if two of its requests with the same id differ in their %s',
      async (_name, fields) => {
        const store = await open();
        const batch = [created(1), { ...job('a', 2), key: 'k' }, { ...job('a', 2), key: 'k', ...fields }];

        const error = await failureOf(store.storeEvents(batch));

        expect(error).toBeInstanceOf(DuplicateIdError);
        expect(error).toMatchObject({ id: 'a', seqNum: undefined });
        expect(await readAll(store)).toEqual([]);
      },
    );

    if (supports.atomicBatches) {
      test('a batch stores nothing if one event differs from the stored event with the same id', async () => {
        const store = await open();
        await store.storeEvent(job('a', 1));
        const batch = [created(2), job('b', 3), { ...job('a', 1), key: 'k' }, created(4)];

        expect(await failureOf(store.storeEvents(batch))).toMatchObject({ id: 'a', seqNum: 1 });

        expect(seqNums(await readAll(store))).toEqual([1]);
        expect((await store.storeEvent(job('b', 3))).seqNum).toBe(2);
      });
    }
    if (supports.exactIds) {
      test('an append with an id stores a new event if the event with the same id was deleted', async () => {
        const time = new VirtualClock();
        const store = await open({ scheduler: time, gcAgeThreshold: 1 });
        await store.storeEvents([job('a', 1), job('b', 2)]);
        await passEverything(store);
        time.advanceBy(10);
        await store.collectGarbage();

        const stored = [
          await store.storeEvent({ ...job('a', 3), key: 'k' }),
          await store.storeEvent(job('b', 4)),
        ];

        expect(seqNums(stored)).toEqual([3, 4]);
        expect(await store.storeEvent({ ...job('a', 5), key: 'k' })).toStrictEqual(stored[0]);
        expect(await readAll(store)).toStrictEqual(stored);
      });
    }
    if (supports.exactIds && supports.importing) {
      test('an append with an id stores nothing if the log has imported an event with the same id', async () => {
        const store = await open();
        const imported = { ...job('a', 1), seqNum: 8, timestamp: new Date(1000) };
        await store.importEvents?.(7, [imported]);

        expect(await store.storeEvent(job('a', 2))).toEqual(imported);
        expect(await failureOf(store.storeEvent({ ...job('a', 2), key: 'k' }))).toMatchObject({ seqNum: 8 });
        expect(seqNums(await readAll(store))).toEqual([8]);
      });
    }
    if (supports.reopen) {
      test('an append with an id stores nothing if the same id was appended before the store was reopened', async () => {
        const before = await open();
        const first = await before.storeEvent(job('a', 1));
        await before.close();
        const after = await open();

        expect(await after.storeEvent(job('a', 2))).toStrictEqual(first);
        expect(seqNums(await readAll(after))).toEqual([1]);
      });
    }
    if (supports.sharing) {
      test('two stores that append the same id concurrently store one event', async () => {
        const stores = [await open(), await open()];

        const stored = await Promise.all(
          stores.map((store) => Promise.all(span(1, 100).map((n) => store.storeEvent(job(`${n}`, n))))),
        );

        const events = await readAll(stores[0] as (typeof stores)[0]);
        expect(events.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(span(1, 100));
        for (const ofStore of stored) {
          expect(ofStore).toStrictEqual(ofStore.map(({ seqNum }) => events[seqNum - 1]));
          expect(ofStore.map(({ id }) => Number(id))).toEqual(span(1, 100));
        }
      });
    }
  });
