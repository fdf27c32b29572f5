import { type Event, type EventStore, type TransactionWork, trimHorizon } from '../../../../index.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Calls a function in a transaction of a store that has transactions. */
const transact = async <R>(store: EventStore, work: TransactionWork<Event, R>): Promise<R | undefined> =>
  store.transaction?.(work);

/** Number of readers of the same events. There are several, because a store may share decoded objects between them. */
const READERS = 3;

/** Reads all events several times, by each kind of read. A read inside a work function is synchronous. */
const readInWork = (store: EventStore): void => {
  for (const _reader of span(1, READERS)) {
    note(store.events(trimHorizon(), { live: false }));
    note(store.headers(trimHorizon(), { live: false }));
    note(store.getEvents({ iterator: trimHorizon() })).subscription.unsubscribe();
  }
};

export const describeRollbacks = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a read after a transaction that was rolled back', () => {
    const expectEvents = async (store: EventStore, expected: readonly Event[]): Promise<void> => {
      for (const _reader of span(1, READERS)) {
        expect(await readAll(store)).toEqual(expected);
        expect((await readPage(store, trimHorizon())).events).toEqual(expected);
      }
    };

    test('a read after a rollback returns the later events, and not the rolled-back events with the same numbers', async () => {
      const store = await open();
      const before = await store.storeEvents([created(1), created(2)]);

      await failureOf(
        transact(store, (storeEvent) => {
          for (const n of [-3, -4]) storeEvent(created(n));
          readInWork(store);
          throw new Error('no');
        }),
      );
      const after = await store.storeEvents([created(3), created(4)]);

      await expectEvents(store, [...before, ...after]);
    });

    test('a read after a rollback returns the events of an earlier transaction as that transaction has stored them', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time });
      let calls = 0;

      // An engine that commits both transactions together calls the first function again after the second function has
      // thrown.
      const appended = transact(store, (storeEvent) => {
        calls++;
        time.set(calls * 1000);
        return [1, 2].map((n) => storeEvent(created(calls * 10 + n)));
      });
      const failure = failureOf(
        transact(store, () => {
          readInWork(store);
          throw new Error('no');
        }),
      );
      const stored = (await appended) ?? [];
      await failure;

      await expectEvents(store, stored);
    });
  });
