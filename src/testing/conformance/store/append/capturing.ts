import type { Event } from '../../../../index.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

interface Basket {
  items: string[];
}

/** Does to an event what a careless reader might; one that is frozen resists. */
function tamper({ object, timestamp }: Event<Basket>): void {
  timestamp.setTime(0);
  try {
    object.items.push('pear');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Whose object it is: nobody's but the reader's. */
export const describeCapturing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an object', () => {
    test('is captured at the call: what the caller does to it afterwards changes nothing', async () => {
      const store = await open();
      const basket: Basket = { items: ['apple'] };

      const appended = store.storeEvent(request('CREATE', 'Basket', basket));
      basket.items.push('pear');
      const event = await appended;
      basket.items.push('plum');

      expect(event.object).toEqual({ items: ['apple'] });
      expect((await readAll(store))[0]?.object).toEqual({ items: ['apple'] });
    });

    test('is stored without its properties that are undefined', async () => {
      const store = await open();

      const event = await store.storeEvent(
        request('CREATE', 'Job', { note: undefined, list: [{ a: undefined }] }),
      );

      expect(event.object).toStrictEqual({ list: [{}] });
      expect((await readAll(store))[0]?.object).toStrictEqual({ list: [{}] });
    });

    test('of a batch is captured at the call, and so is the batch', async () => {
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

    test('is not touched: neither the request nor the batch is frozen', async () => {
      const store = await open();
      const batch = [request('CREATE', 'Basket', { items: [] })];

      await store.storeEvents(batch);
      await store.storeEvent(batch[0] as (typeof batch)[0]);

      expect([batch, batch[0], batch[0]?.object].map(Object.isFrozen)).toEqual([false, false, false]);
    });

    test('that was given back is not the one that is read', async () => {
      const store = await open();
      const given = { items: ['apple'] };

      const event = await store.storeEvent(request('CREATE', 'Basket', given));
      expect(event.object).not.toBe(given);
      tamper(event as Event<Basket>);
      const [read] = await readAll(store);

      expect(read?.object).toEqual({ items: ['apple'] });
      expect(read?.timestamp.getTime()).toBeGreaterThan(0);
    });

    test('that was read is not the one that is read next', async () => {
      const store = await open();
      await store.storeEvent(request('CREATE', 'Basket', { items: ['apple'] }));

      tamper((await readAll(store))[0] as Event<Basket>);
      const [second] = await readAll(store);

      expect(second?.object).toEqual({ items: ['apple'] });
      expect(second?.timestamp.getTime()).toBeGreaterThan(0);
    });
  });
