import { asyncScheduler, count, EMPTY, expand, firstValueFrom, lastValueFrom } from 'rxjs';
import { afterSequenceNumber, type EventFilter, type EventIterator, trimHorizon } from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { readPage } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const rare: EventFilter = { objectTypes: ['Rare'] };

export const describePaging = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a page that getEvents emits', () => {
    test('getEvents emits one page and completes without a timer', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler });
      await store.storeEvents(span(1, 3).map(created));
      const timers = scheduler.timers;

      const page = note(store.getEvents({ iterator: trimHorizon() }));
      await page.ended;
      await readPage(store, trimHorizon());

      expect(page.values.map(({ events }) => seqNums(events))).toEqual([[1, 2, 3]]);
      expect(page.isComplete).toBe(true);
      expect(scheduler.timers).toBe(timers);
    });

    test('a page contains an iterator from which the next page can be read, even in a sequence of 500 pages', async () => {
      const store = await open({ scheduler: asyncScheduler });
      await store.storeEvents(span(1, 500).map(created));
      const read = (iterator: EventIterator) =>
        store.getEvents({ iterator, limit: 1, longPollingTimeout: 0 });

      const pages$ = read(trimHorizon()).pipe(
        expand(({ events, nextEventIterator }) => (events.length > 0 ? read(nextEventIterator) : EMPTY)),
        count(),
      );

      expect(await lastValueFrom(pages$)).toBe(501);
    });

    test('getEvents reads the page at the subscription, not at the call', async () => {
      const store = await open();
      const page = store.getEvents({ iterator: trimHorizon() });
      await store.storeEvent(created(1));

      expect(seqNums((await firstValueFrom(page)).events)).toEqual([1]);
    });

    test('a page contains the same events that storeEvents returned', async () => {
      const store = await open();
      const stored = await store.storeEvents(span(1, 5).map(created));

      expect((await readPage(store, trimHorizon())).events).toStrictEqual(stored);
    });

    test('a page contains at most limit events, and the next page continues after the last event of that page', async () => {
      const store = await open();
      await store.storeEvents(span(1, 8).map(created));

      const first = await readPage(store, trimHorizon(), { limit: 3 });
      const second = await readPage(store, first.nextEventIterator, { limit: 3 });
      const third = await readPage(store, second.nextEventIterator, { limit: 3 });

      expect([first, second, third].map(({ events }) => seqNums(events))).toEqual([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8],
      ]);
      expect([first, second, third].map((page) => page.nextEventIterator)).toEqual(
        [3, 6, 8].map(afterSequenceNumber),
      );
    });

    test.each([undefined, 0, 5000])('a page contains all events with a limit of %s', async (limit) => {
      const store = await open();
      await store.storeEvents(span(1, 5000).map(created));

      expect(seqNums((await readPage(store, trimHorizon(), { limit })).events)).toEqual(span(1, 5000));
    });

    test('a page contains up to limit matching events, without counting scanned events that do not match', async () => {
      const store = await open();
      const kinds = ['Rare', 'Job', 'Job', 'Rare', 'Job', 'Rare', 'Job'];
      await store.storeEvents(kinds.map((kind) => request('CREATE', kind)));

      const first = await readPage(store, trimHorizon(), { limit: 2, filter: rare });
      const second = await readPage(store, first.nextEventIterator, { limit: 2, filter: rare });

      expect(seqNums(first.events)).toEqual([1, 4]);
      expect(first.nextEventIterator).toEqual(afterSequenceNumber(4));
      expect(seqNums(second.events)).toEqual([6]);
      expect(second.nextEventIterator).toEqual(afterSequenceNumber(7));
    });

    test('an empty page is emitted immediately if the filter excludes all stored events', async () => {
      const scheduler = new VirtualClock();
      const store = await open({ scheduler });
      await store.storeEvents(span(1, 9).map(created));

      const page = await readPage(store, trimHorizon(), { filter: rare });

      expect(page).toEqual({ events: [], nextEventIterator: afterSequenceNumber(9) });
      expect(scheduler.timers).toBe(0);
    });

    test('a page contains the matching events among at most batchSize scanned events', async () => {
      const store = await open();
      await store.storeEvents(span(1, 9).map(created));
      await store.storeEvent(request('CREATE', 'Rare'));

      const ends: EventIterator[] = [];
      let page = await readPage(store, trimHorizon(), { filter: rare, batchSize: 4 });
      while (page.events.length === 0) {
        ends.push(page.nextEventIterator);
        page = await readPage(store, page.nextEventIterator, { filter: rare, batchSize: 4 });
      }

      expect(ends).toEqual([4, 8].map(afterSequenceNumber));
      expect(seqNums(page.events)).toEqual([10]);
    });

    test('a page scans a limited number of events by default, so that a rare event is in a later page', async () => {
      const store = await open();
      await store.storeEvents(span(1, 25_000).map(created));
      await store.storeEvent(request('CREATE', 'Rare'));

      let pages = 0;
      let page = await readPage(store, trimHorizon(), { filter: rare });
      while (page.events.length === 0) {
        pages++;
        page = await readPage(store, page.nextEventIterator, { filter: rare });
      }

      expect(seqNums(page.events)).toEqual([25_001]);
      expect(pages).toBeGreaterThan(0);
    });

    test('a page ends early if objects are large, and the next page contains the remaining events', async () => {
      const store = await open();
      const large = 'x'.repeat(900_000);
      await store.storeEvents(span(1, 12).map((n) => request('CREATE', 'Large', `${n}${large}`)));

      const first = await readPage(store, trimHorizon());
      const second = await readPage(store, first.nextEventIterator);

      expect(first.events.length).toBeLessThan(12);
      expect([...seqNums(first.events), ...seqNums(second.events)]).toEqual(span(1, 12));
    });
  });
