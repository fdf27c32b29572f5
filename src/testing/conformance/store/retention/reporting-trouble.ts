import { type EventStore, type Logger, type Trouble, watch } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const HOUR = 3_600_000;

export const describeReportingTrouble = ({ describe, expect, test, open }: StoreSuite) =>
  describe('the Observable trouble$ of a store', () => {
    /** Opens a store with a `gcAgeThreshold` of 1 s, and records its troubles. */
    const openTroubled = async () => {
      const time = new VirtualClock();
      const warnings: string[] = [];
      const ignore = () => undefined;
      const warn = (message: string) => void warnings.push(message);
      const logger: Logger = { debug: ignore, info: ignore, warn, error: ignore };
      const store = await open({ scheduler: time, gcAgeThreshold: 1000, logger });
      const troubles: Trouble[] = [];
      store.trouble$.subscribe((trouble) => troubles.push(trouble));
      /** Runs garbage collection and returns the new troubles. Checks that each trouble is logged as a warning, too. */
      const collect = async () => {
        troubles.length = 0;
        warnings.length = 0;
        await store.collectGarbage();
        expect(warnings).toEqual(troubles.map(({ message }) => message));
        return troubles.map(({ kind, watcherId }) =>
          watcherId === undefined ? kind : `${kind} ${watcherId}`,
        );
      };
      return { time, store, troubles, collect };
    };
    const tenEvents = (store: EventStore) => store.storeEvents(span(1, 10).map(created));

    test('trouble$ reports a checkpoint that retains old events once, and again only after the checkpoint has moved', async () => {
      const { time, store, troubles, collect } = await openTroubled();
      await tenEvents(store);
      await store.storeCheckpoint('stuck', 3);
      await store.storeCheckpoint('busy', 10);
      time.set(5000);

      expect(await collect()).toEqual([]);
      expect(await collect()).toEqual(['log-held-by-checkpoint stuck']);
      expect(troubles[0]?.message).toContain(
        "7 events older than gcAgeThreshold: the checkpoint of watcher 'stuck'",
      );
      expect(await collect()).toEqual([]);

      await store.storeCheckpoint('stuck', 4);
      expect(await collect()).toEqual([]);
      expect(await collect()).toEqual(['log-held-by-checkpoint stuck']);
      await store.deleteCheckpoint('stuck');
      expect(await collect()).toEqual([]);
      expect(await collect()).toEqual([]);
    });

    test('trouble$ does not report a checkpoint that retains only young events, or a checkpoint at the end of the log', async () => {
      const { time, store, collect } = await openTroubled();
      await tenEvents(store);
      await store.storeCheckpoint('w', 10);
      time.set(5000);
      expect([await collect(), await collect()]).toEqual([[], []]);

      await tenEvents(store);
      time.set(5999);
      expect([await collect(), await collect()]).toEqual([[], []]);
      time.set(6002);
      expect([await collect(), await collect()]).toEqual([[], ['log-held-by-checkpoint w']]);
    });

    test('trouble$ reports the checkpoint of a running watcher only after the watcher has ended', async () => {
      const { time, store, collect } = await openTroubled();
      await tenEvents(store);
      await store.storeCheckpoint('w', 3);
      time.set(5000);
      const watcher = watch(store, 'w', { handler: () => new Promise(() => undefined) }).subscribe();
      expect([await collect(), await collect(), await collect()]).toEqual([[], [], []]);

      watcher.unsubscribe();
      expect([await collect(), await collect()]).toEqual([[], ['log-held-by-checkpoint w']]);
    });

    test('trouble$ reports a timestamp more than an hour ahead of the clock once, and again only after the clock has caught up', async () => {
      const { time, store, collect } = await openTroubled();
      time.set(5 * HOUR);
      await store.storeEvent(created(1));
      time.set(4 * HOUR);
      expect(await collect()).toEqual([]);

      time.set(3 * HOUR);
      await store.storeEvent(created(2));
      expect(await collect()).toEqual(['clock-ahead']);
      expect(await collect()).toEqual([]);

      time.set(5 * HOUR);
      expect(await collect()).toEqual([]);
      time.set(1);
      expect(await collect()).toEqual(['clock-ahead']);
    });

    test('trouble$ completes when the store is closed', async () => {
      const { store } = await openTroubled();
      let completed = 0;
      const complete = () => {
        completed++;
      };
      store.trouble$.subscribe({ complete });
      await store.close();
      store.trouble$.subscribe({ complete });
      expect(completed).toBe(2);
    });
  });
