import { firstValueFrom } from 'rxjs';
import { deadLetter } from '../../support/dead-letters.ts';
import { grant } from '../../support/held-lease.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const describeInfo = ({ describe, expect, test, open, supports }: StoreSuite) => {
  describe('the method info of a store', () => {
    test('store.info() emits no timestamps if the log is empty', async () => {
      const store = await open();

      const info = await firstValueFrom(store.info());

      expect(info).toMatchObject({ oldestSeqNum: 1, latestSeqNum: 0 });
      expect(typeof info.engine).toBe('string');
      expect(['oldestTimestamp' in info, 'latestTimestamp' in info]).toEqual([false, false]);
      expect(info.deadLetters).toBe(supports.deadLetters ? 0 : undefined);
    });

    test('store.info() emits the numbers and timestamps of the oldest and the last event, and the size of all events', async () => {
      const clock = new VirtualClock();
      const store = await open({ scheduler: clock });
      clock.set(1000);
      await store.storeEvent({ ...created(1), object: 'x'.repeat(5000) });
      clock.set(2000);
      await store.storeEvents(span(2, 20).map(created));
      clock.set(3000);
      await store.storeEvent(created(21));

      const info = await firstValueFrom(store.info());

      expect(info).toMatchObject({
        oldestSeqNum: 1,
        latestSeqNum: 21,
        oldestTimestamp: new Date(1000),
        latestTimestamp: new Date(3000),
      });
      expect(info.bytes).toBeGreaterThan(5000);
    });

    test('store.info() emits the number and the timestamp of the oldest event that is not trimmed', async () => {
      const clock = new VirtualClock();
      const store = await open({ scheduler: clock, retention: { maxEvents: 2 } });
      for (const n of span(1, 5)) {
        clock.set(n * 1000);
        await store.storeEvent(created(n));
      }

      await store.collectGarbage();

      expect(await firstValueFrom(store.info())).toMatchObject({
        oldestSeqNum: 4,
        latestSeqNum: 5,
        oldestTimestamp: new Date(4000),
        latestTimestamp: new Date(5000),
      });
    });

    if (!supports.deadLetters) return;
    test('store.info() emits the number of dead letters of all watchers', async () => {
      const store = await open();
      for (const watcherId of oddIds) {
        await store.storeDeadLetter(deadLetter(1, { watcherId }));
        await store.storeDeadLetter(deadLetter(2, { watcherId }));
      }
      await store.deleteDeadLetter(oddIds[0] as string, 1);

      expect((await firstValueFrom(store.info())).deadLetters).toBe(2 * oddIds.length - 1);
    });
  });

  describe('the method leases of a store', () => {
    test('store.leases() emits an empty map if no lease was granted', async () => {
      const store = await open();

      expect(await firstValueFrom(store.leases())).toEqual(new Map());
    });

    if (!supports.leases) return;
    test('store.leases() emits held and released leases in a map from watcher id to lease', async () => {
      const store = await open();
      const revisions = new Map<string, number | undefined>();
      for (const id of oddIds) revisions.set(id, await grant(store, { owner: 'me', token: 2 }, id));
      const released = await grant(store, { token: 3 }, 'released');

      const leases = await firstValueFrom(store.leases());

      for (const [id, revision] of revisions) {
        expect(leases.get(id)).toStrictEqual({ owner: 'me', token: 2, revision });
      }
      expect(leases.get('released')).toStrictEqual({ token: 3, revision: released });
      expect(leases.size).toBe(oddIds.length + 1);
    });
  });
};
