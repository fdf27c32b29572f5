import { firstValueFrom } from 'rxjs';
import { afterSequenceNumber, type EventIterator, latest, trimHorizon } from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { readAgain } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualTime } from '../../support/virtual-time.ts';

/** `getEvents` where there is nothing to give yet: the long poll. */
export const describeWaiting = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a page that has nothing to give', () => {
    const opened = async (longPollingTimeout?: number) => {
      const scheduler = new VirtualTime();
      const store = await open({ scheduler, longPollingTimeout });
      const idle = scheduler.timers;
      return { scheduler, store, timers: () => scheduler.timers - idle };
    };

    test('waits for an append, and wakes with what was appended', async () => {
      const { store, scheduler, timers } = await opened();
      await store.storeEvent(created(1));
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advance(9000);
      expect(page.values).toEqual([]);

      await store.storeEvents([created(2), created(3)]);
      await Promise.race([page.ended, readAgain(store)]);

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[2, 3]]);
      expect(page.isComplete).toBe(true);
      expect(timers()).toBe(0);
    });

    test('wakes everybody who waits', async () => {
      const { store } = await opened();
      const pages = span(1, 50).map(() => firstValueFrom(store.getEvents({ iterator: trimHorizon() })));

      const event = await store.storeEvent(created(1));

      for (const page of await Promise.all(pages)) expect(page.events).toStrictEqual([event]);
    });

    test('wakes for an event that the filter leaves out too: the iterator has moved', async () => {
      const { store } = await opened();
      const page = note(store.getEvents({ iterator: latest(), filter: { objectTypes: ['Rare'] } }));

      await store.storeEvent(request('CREATE', 'Common'));
      await page.ended;

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
    });

    test('sleeps on while the log has not reached its iterator', async () => {
      const { store } = await opened();
      const iterator: EventIterator = { type: 'at_sequence_number', sequenceNumber: 4 };
      const page = note(store.getEvents({ iterator }));

      await store.storeEvents([created(1), created(2)]);
      await store.storeEvent(created(3));
      await readAgain(store);
      expect(page.values).toEqual([]);
      await store.storeEvent(created(4));
      await page.ended;

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[4]]);
    });

    test.each([
      ['10 000 ms by default', undefined, undefined, 10_000],
      ['the time of the store', 700, undefined, 700],
      ['the time of the request', 700, 50, 50],
    ])('is emitted empty after %s', async (_name, ofStore, longPollingTimeout, expected) => {
      const { store, scheduler, timers } = await opened(ofStore);
      await store.storeEvent(created(1));
      const page = note(store.getEvents({ iterator: latest(), longPollingTimeout }));
      await scheduler.waiting(1);

      scheduler.advance(expected - 1);
      expect(page.values).toEqual([]);
      scheduler.advance(1);

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
      expect(page.isComplete).toBe(true);
      expect(timers()).toBe(0);
    });

    test('waits the whole time from its own subscription, whoever waits already', async () => {
      const { store, scheduler } = await opened(100);
      const early = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advance(60);
      const late = note(store.getEvents({ iterator: latest() }));
      // It waits with the other's timer: there is nothing to be seen of it.
      await readAgain(store);

      scheduler.advance(40);
      expect([early.values.length, late.values.length]).toEqual([1, 0]);
      scheduler.advance(59);
      expect(late.values.length).toBe(0);
      scheduler.advance(1);
      expect(late.values.length).toBe(1);
    });

    test('gives what is there with a longPollingTimeout of 0, and an empty page where nothing is', async () => {
      const { store, scheduler } = await opened(0);
      await store.storeEvent(created(1));
      const found = note(store.getEvents({ iterator: trimHorizon() }));
      const empty = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advance(0);
      await found.ended;

      expect(found.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
      expect(empty.values.map(({ events }) => seqNums(events))).toEqual([[]]);
    });

    test('with a longPollingTimeout of Infinity waits without a timer', async () => {
      const { store, scheduler, timers } = await opened(Number.POSITIVE_INFINITY);
      const page = note(store.getEvents({ iterator: latest() }));

      expect(timers()).toBe(0);
      scheduler.advance(3_600_000);
      expect(page.values).toEqual([]);
      await store.storeEvent(created(1));
      await page.ended;
      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
    });

    test('is not waited for any more once the consumer has gone: no timer is left', async () => {
      const { store, scheduler, timers } = await opened();
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);

      page.subscription.unsubscribe();
      expect(timers()).toBe(0);
      await store.storeEvent(created(1));

      expect(page.values).toEqual([]);
    });

    test('is emitted empty when the store closes', async () => {
      const { store, scheduler } = await opened();
      await store.storeEvent(created(1));
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);

      await store.close();

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
      expect(page.isComplete).toBe(true);
      expect(scheduler.timers).toBe(0);
    });
  });
