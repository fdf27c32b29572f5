import { type EventStore, type Logger, type Trouble, watch } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

const HOUR = 3_600_000;

/** What keeps old events in the log is reported. */
export const describeReportingTrouble = ({ describe, expect, test, open }: StoreSuite) =>
  describe('trouble', () => {
    /** A store whose events are old enough to go from 1 s on, and what it reports. */
    const troubled = async () => {
      const time = new VirtualTime();
      const warnings: string[] = [];
      const drop = () => undefined;
      const warn = (message: string) => void warnings.push(message);
      const logger: Logger = { debug: drop, info: drop, warn, error: drop };
      const store = await open({ scheduler: time, gcAgeThreshold: 1000, logger });
      const troubles: Trouble[] = [];
      store.trouble$.subscribe((trouble) => troubles.push(trouble));
      /** Collects, and returns the troubles that this has found; each must be a warning, too. */
      const found = async () => {
        troubles.length = 0;
        warnings.length = 0;
        await store.collectGarbage();
        expect(warnings).toEqual(troubles.map(({ message }) => message));
        return troubles.map(({ kind, watcherId }) =>
          watcherId === undefined ? kind : `${kind} ${watcherId}`,
        );
      };
      return { time, store, troubles, found };
    };
    const tenEvents = (store: EventStore) => store.storeEvents(span(1, 10).map(created));

    test('is a checkpoint that holds old events and does not move, once until it moves', async () => {
      const { time, store, troubles, found } = await troubled();
      await tenEvents(store);
      await store.storeCheckpoint('gone', 3);
      await store.storeCheckpoint('busy', 10);
      time.set(5000);

      expect(await found()).toEqual([]);
      expect(await found()).toEqual(['log-held-by-checkpoint gone']);
      expect(troubles[0]?.message).toContain(
        "7 events older than gcAgeThreshold: the checkpoint of watcher 'gone'",
      );
      expect(await found()).toEqual([]);

      await store.storeCheckpoint('gone', 4);
      expect(await found()).toEqual([]);
      expect(await found()).toEqual(['log-held-by-checkpoint gone']);
      await store.deleteCheckpoint('gone');
      expect(await found()).toEqual([]);
      expect(await found()).toEqual([]);
    });

    test('is no checkpoint that holds none but young events, and none at the end of the log', async () => {
      const { time, store, found } = await troubled();
      await tenEvents(store);
      await store.storeCheckpoint('w', 10);
      time.set(5000);
      expect([await found(), await found()]).toEqual([[], []]);

      await tenEvents(store);
      time.set(5999);
      expect([await found(), await found()]).toEqual([[], []]);
      time.set(6002);
      expect([await found(), await found()]).toEqual([[], ['log-held-by-checkpoint w']]);
    });

    test('is no checkpoint of a watcher that runs on the store, until it has ended', async () => {
      const { time, store, found } = await troubled();
      await tenEvents(store);
      await store.storeCheckpoint('w', 3);
      time.set(5000);
      const watcher = watch(store, 'w', { handler: () => new Promise(() => undefined) }).subscribe();
      expect([await found(), await found(), await found()]).toEqual([[], [], []]);

      watcher.unsubscribe();
      expect([await found(), await found()]).toEqual([[], ['log-held-by-checkpoint w']]);
    });

    test('is an event dated more than an hour ahead of the clock, once until the clock is there', async () => {
      const { time, store, found } = await troubled();
      time.set(5 * HOUR);
      await store.storeEvent(created(1));
      time.set(4 * HOUR);
      expect(await found()).toEqual([]);

      time.set(3 * HOUR);
      await store.storeEvent(created(2));
      expect(await found()).toEqual(['clock-ahead']);
      expect(await found()).toEqual([]);

      time.set(5 * HOUR);
      expect(await found()).toEqual([]);
      time.set(1);
      expect(await found()).toEqual(['clock-ahead']);
    });

    test('is reported until the store is closed: then the stream completes', async () => {
      const { store } = await troubled();
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
