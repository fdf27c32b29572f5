import { describe, expect, test } from 'vitest';
import { readAll } from './read-all.ts';
import { created } from './requests.ts';
import type { OpenStore, StoreCapabilities } from './store-fixture.ts';
import { VirtualTime } from './virtual-time.ts';

/** What a timestamp is: the store's clock, held to never go back. */
export const describeClock = (open: OpenStore, { lasts }: StoreCapabilities) =>
  describe('a timestamp', () => {
    test('is the time of the scheduler at the append, in whole milliseconds', async () => {
      const scheduler = new VirtualTime();
      const store = await open({ scheduler });

      scheduler.set(1_700_000_000_000);
      const first = await store.storeEvent(created(1));
      scheduler.set(1_700_000_000_250.75);
      const second = await store.storeEvent(created(2));

      expect([first, second].map(({ timestamp }) => timestamp.getTime())).toEqual([
        1_700_000_000_000, 1_700_000_000_250,
      ]);
      expect(await readAll(store)).toStrictEqual([first, second]);
    });

    test('never decreases, though the clock is set back', async () => {
      const scheduler = new VirtualTime();
      const store = await open({ scheduler });

      for (const time of [1000, 400, 999, 1001, 0, 2000]) {
        scheduler.set(time);
        await store.storeEvent(created(time));
      }

      expect((await readAll(store)).map(({ timestamp }) => timestamp.getTime())).toEqual([
        1000, 1000, 1000, 1001, 1001, 2000,
      ]);
    });

    test('never decreases among concurrent appends either', async () => {
      const scheduler = new VirtualTime();
      const store = await open({ scheduler });

      const appends = [50, 20, 70, 10].map((time) => {
        scheduler.set(time);
        return store.storeEvents([created(time), created(time)]);
      });
      await Promise.all(appends);

      expect((await readAll(store)).map(({ timestamp }) => timestamp.getTime())).toEqual([
        50, 50, 50, 50, 70, 70, 70, 70,
      ]);
    });

    if (!lasts) return;
    test('never decreases after a reopen with an earlier clock', async () => {
      const scheduler = new VirtualTime();
      const before = await open({ scheduler });
      scheduler.set(5000);
      await before.storeEvent(created(1));
      await before.close();

      scheduler.set(3);
      const after = await open({ scheduler });
      const event = await after.storeEvent(created(2));

      expect(event.timestamp.getTime()).toBe(5000);
    });
  });
