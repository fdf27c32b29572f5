import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  type EventFilter,
  type EventIterator,
  latest,
  partitionOf,
  trimHorizon,
} from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { readAgain } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export const describeWaiting = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a long poll (a read that waits for an append)', () => {
    const openIdle = async (longPollingTimeout?: number) => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler, longPollingTimeout });
      const idle = scheduler.timers;
      return { scheduler, store, timers: () => scheduler.timers - idle };
    };

    test('a long poll waits for an append and emits the appended events', async () => {
      const { store, scheduler, timers } = await openIdle();
      await store.storeEvent(created(1));
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advanceBy(9000);
      expect(page.values).toEqual([]);

      await store.storeEvents([created(2), created(3)]);
      await Promise.race([page.ended, readAgain(store)]);

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[2, 3]]);
      expect(page.isComplete).toBe(true);
      expect(timers()).toBe(0);
    });

    test('an append ends the long polls of all waiting readers', async () => {
      const { store } = await openIdle();
      const pages = span(1, 50).map(() => firstValueFrom(store.getEvents({ iterator: trimHorizon() })));

      const event = await store.storeEvent(created(1));

      for (const page of await Promise.all(pages)) expect(page.events).toStrictEqual([event]);
    });

    test('a long poll emits an empty page with a later position after an append of an excluded event', async () => {
      const { store } = await openIdle();
      const page = note(store.getEvents({ iterator: latest(), filter: { objectTypes: ['Rare'] } }));

      await store.storeEvent(request('CREATE', 'Common'));
      await page.ended;

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
    });

    test.each<[string, EventFilter]>([
      ['another key', { keys: ['b'] }],
      ['another partition', { partition: { index: 1 - partitionOf('a', 2), count: 2 } }],
    ])(
      'a long poll emits an empty page with a later position after an append with %s',
      async (_name, filter) => {
        const { store } = await openIdle();
        const page = note(store.getEvents({ iterator: latest(), filter }));

        await store.storeEvent({ ...created(1), key: 'a' });
        await page.ended;

        expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
      },
    );

    test('a long poll waits until the log has reached the start position of the read', async () => {
      const { store } = await openIdle();
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
      ['the timeout of the store', 700, undefined, 700],
      ['the timeout of the request', 700, 50, 50],
    ])(
      'a long poll without an append emits an empty page after %s',
      async (_name, ofStore, longPollingTimeout, expected) => {
        const { store, scheduler, timers } = await openIdle(ofStore);
        await store.storeEvent(created(1));
        const page = note(store.getEvents({ iterator: latest(), longPollingTimeout }));
        await scheduler.waiting(1);

        scheduler.advanceBy(expected - 1);
        expect(page.values).toEqual([]);
        scheduler.advanceBy(1);

        expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
        expect(page.isComplete).toBe(true);
        expect(timers()).toBe(0);
      },
    );

    test('a long poll waits for its whole timeout even if another reader has begun to wait earlier', async () => {
      const { store, scheduler } = await openIdle(100);
      const early = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advanceBy(60);
      const late = note(store.getEvents({ iterator: latest() }));
      // The second reader shares the timer of the first one, so `scheduler.waiting(2)` would never resolve.
      await readAgain(store);

      scheduler.advanceBy(40);
      expect([early.values.length, late.values.length]).toEqual([1, 0]);
      scheduler.advanceBy(59);
      expect(late.values.length).toBe(0);
      scheduler.advanceBy(1);
      expect(late.values.length).toBe(1);
    });

    test('a read does not wait for appends if longPollingTimeout is 0', async () => {
      const { store, scheduler } = await openIdle(0);
      await store.storeEvent(created(1));
      const found = note(store.getEvents({ iterator: trimHorizon() }));
      const empty = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);
      scheduler.advanceBy(0);
      await found.ended;

      expect(found.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
      expect(empty.values.map(({ events }) => seqNums(events))).toEqual([[]]);
    });

    test('a long poll waits without a timer if longPollingTimeout is Infinity', async () => {
      const { store, scheduler, timers } = await openIdle(Number.POSITIVE_INFINITY);
      const page = note(store.getEvents({ iterator: latest() }));

      expect(timers()).toBe(0);
      scheduler.advanceBy(3_600_000);
      expect(page.values).toEqual([]);
      await store.storeEvent(created(1));
      await page.ended;
      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1]]);
    });

    test('a long poll leaves no timer after an unsubscription', async () => {
      const { store, scheduler, timers } = await openIdle();
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);

      page.subscription.unsubscribe();
      expect(timers()).toBe(0);
      await store.storeEvent(created(1));

      expect(page.values).toEqual([]);
    });

    test('a long poll emits an empty page when the store closes', async () => {
      const { store, scheduler } = await openIdle();
      await store.storeEvent(created(1));
      const page = note(store.getEvents({ iterator: latest() }));
      await scheduler.waiting(1);

      await store.close();

      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(1) }]);
      expect(page.isComplete).toBe(true);
      expect(scheduler.timers).toBe(0);
    });
  });
