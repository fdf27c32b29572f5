import type { Event } from '../../../../index.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

interface Basket {
  items: string[];
}

/** Tries to modify an event. If the object is frozen, only the timestamp changes. */
function modify({ object, timestamp }: Event<Basket>): void {
  timestamp.setTime(0);
  try {
    object.items.push('pear');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Declares the tests that callers and readers cannot change a stored object, and that `storeEvent` freezes no argument. */
export const describeCapturing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a stored object', () => {
    test('a stored object does not change if the caller modifies the object after storeEvent', async () => {
      const store = await open();
      const basket: Basket = { items: ['apple'] };

      const appended = store.storeEvent(request('CREATE', 'Basket', basket));
      basket.items.push('pear');
      const event = await appended;
      basket.items.push('plum');

      expect(event.object).toEqual({ items: ['apple'] });
      expect((await readAll(store))[0]?.object).toEqual({ items: ['apple'] });
    });

    test('a stored object omits properties that are undefined', async () => {
      const store = await open();

      const event = await store.storeEvent(
        request('CREATE', 'Job', { note: undefined, list: [{ a: undefined }] }),
      );

      expect(event.object).toStrictEqual({ list: [{}] });
      expect((await readAll(store))[0]?.object).toStrictEqual({ list: [{}] });
    });

    test('a stored object does not change if the caller modifies the object or the array after storeEvents', async () => {
      const store = await open();
      const basket: Basket = { items: [] };
      const batch = [request('CREATE', 'Basket', basket), created(2)];

      const appended = store.storeEvents(batch);
      basket.items.push('pear');
      batch.pop();
      batch.unshift(created(3));
      await appended;

      expect((await readAll(store)).map(({ object }) => object)).toEqual([{ items: [] }, { n: 2 }]);
    });

    test('storeEvent and storeEvents do not freeze the requests and the array of the caller', async () => {
      const store = await open();
      const batch = [request('CREATE', 'Basket', { items: [] })];

      await store.storeEvents(batch);
      await store.storeEvent(batch[0] as (typeof batch)[0]);

      expect([batch, batch[0], batch[0]?.object].map(Object.isFrozen)).toEqual([false, false, false]);
    });

    test('a stored object does not change if the caller modifies the returned event', async () => {
      const store = await open();
      const object = { items: ['apple'] };

      const event = await store.storeEvent(request('CREATE', 'Basket', object));
      expect(event.object).not.toBe(object);
      modify(event as Event<Basket>);
      const [read] = await readAll(store);

      expect(read?.object).toEqual({ items: ['apple'] });
      expect(read?.timestamp.getTime()).toBeGreaterThan(0);
    });

    test('a stored object does not change if a reader modifies an event', async () => {
      const store = await open();
      await store.storeEvent(request('CREATE', 'Basket', { items: ['apple'] }));

      modify((await readAll(store))[0] as Event<Basket>);
      const [second] = await readAll(store);

      expect(second?.object).toEqual({ items: ['apple'] });
      expect(second?.timestamp.getTime()).toBeGreaterThan(0);
    });
  });
