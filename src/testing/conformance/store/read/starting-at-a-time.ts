import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import {
  afterSequenceNumber,
  atTimestamp,
  type EventStore,
  InvalidOptionsError,
  type StoreOptions,
  watch,
} from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { note } from '../../support/note.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const at = (milliseconds: number) => atTimestamp(new Date(milliseconds));

/**
 * Timestamps of events 1 to 7 in milliseconds, one list for each append. Events 2 to 4 have equal timestamps, and events 6
 * and 7 are one batch.
 */
const TIMES: readonly (readonly number[])[] = [[1000], [2000], [2000], [2000], [2500], [4000, 4000]];

const positions: readonly [string, number, readonly number[]][] = [
  ['the first event if the time is its timestamp', 1000, span(1, 7)],
  ['the first event if the time is earlier', 0, span(1, 7)],
  ['the first event if the time is before 1970', -5, span(1, 7)],
  ['the second event if the time is 1 ms after the first', 1001, span(2, 7)],
  ['the first of several events if the time is their timestamp', 2000, span(2, 7)],
  ['the first of several events if the time is 1 ms before them', 1999, span(2, 7)],
  ['the next event if the time is 1 ms after several events', 2001, span(5, 7)],
  ['an event if the time is its timestamp', 2500, [5, 6, 7]],
  ['the later event if the time is between two events', 3000, [6, 7]],
  ['the first event of the last batch if the time is its timestamp', 4000, [6, 7]],
  ['the end of the log if the time is 1 ms after the last event', 4001, []],
  ['the end of the log if the time is the maximum Date', 8.64e15, []],
];

export const describeStartingAtATime = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a read from a timestamp (atTimestamp)', () => {
    const openTimed = async (
      options: StoreOptions = {},
    ): Promise<{ store: EventStore; time: VirtualClock }> => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, longPollingTimeout: 0, ...options });
      for (const times of TIMES) {
        time.set(times[0] as number);
        await store.storeEvents(times.map(created));
      }
      return { store, time };
    };

    test.each(positions)('a read from a timestamp begins at %s', async (_name, milliseconds, expected) => {
      const { store, time } = await openTimed();

      expect(seqNums(await readAll(store, at(milliseconds)))).toEqual(expected);
      expect(seqNums(await readAll(store, at(milliseconds), { batchSize: 1 }))).toEqual(expected);
      const page = note(store.getEvents({ iterator: at(milliseconds), limit: 1 }));
      if (expected.length === 0) await time.waiting(1);
      time.advanceBy(0);
      await page.ended;
      expect(page.values.map(({ events }) => seqNums(events))).toEqual([expected.slice(0, 1)]);
      expect(page.values[0]?.nextEventIterator).toEqual(afterSequenceNumber(expected[0] ?? 7));
    });

    test('a read from a timestamp begins at the right event in a log with many appends and timestamps', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time });
      for (const n of span(1, 40)) {
        time.set(10 * n);
        await store.storeEvents(span(1, 20).map(() => created(n)));
      }

      for (const n of span(1, 40)) {
        const first = 20 * (n - 1) + 1;
        for (const milliseconds of [10 * n - 9, 10 * n]) {
          expect((await firstValueFrom(store.events(at(milliseconds)))).seqNum).toBe(first);
        }
      }
    });

    test.each([0, 3000, 9000])(
      'a read from the timestamp %i emits stored events, and then appended events',
      async (milliseconds) => {
        const { store, time } = await openTimed();
        const stored = seqNums(await readAll(store, at(milliseconds)));
        const notes = note(store.events(at(milliseconds)));

        time.set(5000);
        await store.storeEvent(created(8));
        await notes.has(stored.length + 1);

        expect(seqNums(notes.values)).toEqual([...stored, 8]);
      },
    );

    test('a read from a timestamp emits all appended events if the log was empty', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, longPollingTimeout: 100 });
      const page = note(store.getEvents({ iterator: at(5000) }));
      await time.waiting(1);
      time.advanceBy(100);
      const notes = note(store.events(at(5000)));
      expect(page.values).toEqual([{ events: [], nextEventIterator: afterSequenceNumber(0) }]);

      await store.storeEvent(created(1));
      await notes.has(1);

      expect(seqNums(notes.values)).toEqual([1]);
    });

    test.each([
      [0, [4, 5, 6, 7]],
      [2000, [4, 5, 6, 7]],
      [2001, [5, 6, 7]],
      [4001, []],
    ])(
      'a read of a trimmed log from the timestamp %i emits the remaining events of that time or later',
      async (milliseconds, expected) => {
        const { store } = await openTimed({ retention: { maxEvents: 4 } });
        await store.collectGarbage();

        expect(seqNums(await readAll(store, at(milliseconds)))).toEqual(expected);
      },
    );

    test('a read from a timestamp emits all appended events if all earlier events were deleted', async () => {
      const { store } = await openTimed({ retention: { maxEvents: 0 } });
      await store.collectGarbage();
      const notes = [0, 2000, 9000].map((milliseconds) => note(store.events(at(milliseconds))));

      await store.storeEvent(created(8));
      await Promise.all(notes.map((reader) => reader.has(1)));

      expect(notes.map(({ values }) => seqNums(values))).toEqual([[8], [8], [8]]);
    });

    test('a read from a timestamp computes its position at the subscription', async () => {
      const { store, time } = await openTimed();
      const source = store.events(at(4001), { live: false });
      time.set(6000);
      await store.storeEvent(created(8));

      expect(seqNums(await lastValueFrom(source.pipe(toArray())))).toEqual([8]);
    });

    test('a watcher starts at the timestamp of its initialEventIterator only if the watcher has no checkpoint', async () => {
      const { store } = await openTimed();
      const run = () => note(watch(store, 'w', { handler: () => undefined, initialEventIterator: at(2001) }));
      const first = run();
      await first.has(3);
      expect(first.values.map(({ seqNum }) => seqNum)).toEqual([5, 6, 7]);
      await store.storeEvent(created(8));
      first.subscription.unsubscribe();
      await store.storeCheckpoint('w', 7);
      const second = run();
      await second.has(1);

      expect(second.values.map(({ seqNum }) => seqNum)).toEqual([8]);
    });

    test('a read from a timestamp fails with an InvalidOptionsError if the timestamp is not a valid Date', async () => {
      const store = await open();

      for (const timestamp of [Number.NaN, 0.5, Number.POSITIVE_INFINITY, '2026', undefined, new Date(0)]) {
        const from = { type: 'at_timestamp', timestamp } as never;
        const failure = await failureOf(firstValueFrom(store.events(from)));
        expect(failure).toBeInstanceOf(InvalidOptionsError);
        expect(faultPaths(failure)).toEqual(['from']);
        expect(await failureOf(readPage(store, from))).toBeInstanceOf(InvalidOptionsError);
      }
      expect(() => atTimestamp(new Date('yesterday'))).toThrow(InvalidOptionsError);
    });
  });
