import { firstValueFrom } from 'rxjs';
import {
  afterSequenceNumber,
  type Event,
  type EventStore,
  InvalidRequestError,
  SequenceTrimmedError,
  SerializationError,
  StoreClosedError,
} from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { passEverything } from '../../support/pass-everything.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Creates an event of another log. Up to three successive events share a timestamp. */
const foreignEvent = (seqNum: number): Event => ({
  ...created(seqNum),
  seqNum,
  timestamp: new Date(1_000_000 + 1000 * Math.floor(seqNum / 3)),
});

const importAll = (store: EventStore, events: readonly Event[], after = (events[0]?.seqNum ?? 1) - 1) =>
  (store as Required<EventStore>).importEvents(after, events);

export const describeImporting = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the method importEvents', () => {
    const latest = (store: EventStore) => firstValueFrom(store.getLatestSeqNum());

    test('importEvents stores events with their numbers and timestamps', async () => {
      const store = await open();
      const events = span(1, 400).map(foreignEvent);

      expect(await importAll(store, events.slice(0, 100))).toBe(true);
      expect(await importAll(store, events.slice(100))).toBe(true);

      expect(await readAll(store)).toEqual(events);
    });

    test('importEvents can begin an empty log at any number, and earlier numbers then count as trimmed', async () => {
      const store = await open();

      expect(await importAll(store, span(41, 50).map(foreignEvent))).toBe(true);

      expect(seqNums(await readAll(store))).toEqual(span(41, 50));
      const before = store.getEvents({ iterator: afterSequenceNumber(39) });
      expect(await failureOf(firstValueFrom(before))).toMatchObject({
        code: 'ERR_SEQUENCE_TRIMMED',
        oldest: 41,
      });
      expect(await failureOf(firstValueFrom(before))).toBeInstanceOf(SequenceTrimmedError);
      expect((await store.storeEvent(created(51))).seqNum).toBe(51);
    });

    test.each([
      [1, 3],
      [2, 3],
      [3, 5],
      [5, 9],
      [41, 42],
    ])(
      'importEvents stores none of the events %i to %i if the last event of the log is 3, because the next number must be 4',
      async (from, to) => {
        const store = await open();
        await store.storeEvents(span(1, 3).map(created));

        expect(await importAll(store, span(from, to).map(foreignEvent))).toBe(false);

        expect(seqNums(await readAll(store))).toEqual([1, 2, 3]);
      },
    );

    test('importEvents continues after the last assigned number, even if all events of the log were deleted', async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      await store.storeEvents(span(1, 3).map(created));
      await passEverything(store);
      time.advanceBy(10);
      await store.collectGarbage();
      expect(await readAll(store)).toEqual([]);

      expect(await importAll(store, span(2, 4).map(foreignEvent))).toBe(false);
      expect(await importAll(store, span(4, 5).map(foreignEvent))).toBe(true);

      expect(seqNums(await readAll(store))).toEqual([4, 5]);
    });

    test('importEvents wakes live reads, and later appends have no earlier timestamps', async () => {
      const store = await open({ scheduler: new VirtualClock() });
      const seen = firstValueFrom(store.events(afterSequenceNumber(0)));

      await importAll(store, [foreignEvent(1)]);

      expect(await seen).toEqual(foreignEvent(1));
      expect((await store.storeEvent(created(2))).timestamp).toEqual(foreignEvent(1).timestamp);
    });

    test('importEvents with an empty list sets the first number of a log that has never held events', async () => {
      const store = await open();

      expect([await importAll(store, []), await latest(store)]).toEqual([true, 0]);
      expect([await importAll(store, [], 40), await latest(store)]).toEqual([true, 40]);
      expect([await importAll(store, [], 41), await latest(store)]).toEqual([false, 40]);
      expect([await importAll(store, [], 40), await latest(store)]).toEqual([true, 40]);
      expect((await store.storeEvent(created(1))).seqNum).toBe(41);
      expect(await readAll(store)).toHaveLength(1);
    });

    test('importEvents stores the events once if it is called twice with the same events at the same time', async () => {
      const store = await open();
      const events = span(1, 5).map(foreignEvent);

      const imported = await Promise.all([importAll(store, events), importAll(store, events)]);

      expect(imported).toEqual([true, false]);
      expect(await readAll(store)).toEqual(events);
    });

    test.each<[string, readonly Event[], readonly string[]]>([
      ['a missing number', [foreignEvent(1), foreignEvent(3)], ['events.1.seqNum']],
      ['a repeated number', [foreignEvent(1), foreignEvent(1)], ['events.1.seqNum']],
      [
        'a timestamp that decreases',
        [foreignEvent(3), { ...foreignEvent(4), timestamp: new Date(0) }],
        ['events.1.timestamp'],
      ],
      [
        'invalid events',
        [{ ...foreignEvent(1), operation: 'READ' as never, seqNum: 0.5, timestamp: new Date(Number.NaN) }],
        ['after', 'events.0.operation', 'events.0.seqNum', 'events.0.timestamp'],
      ],
    ])(
      'importEvents is rejected for %s with every fault, and stores nothing',
      async (_name, events, paths) => {
        const store = await open();

        const failure = await failureOf(importAll(store, events));

        expect(failure).toBeInstanceOf(InvalidRequestError);
        expect([...new Set(faultPaths(failure))].sort()).toEqual(paths);
        expect(await latest(store)).toBe(0);
      },
    );

    test('importEvents is rejected for an object that cannot be serialized, and stores nothing', async () => {
      const store = await open();

      const failure = await failureOf(
        importAll(store, [foreignEvent(1), { ...foreignEvent(2), object: 1n }]),
      );

      expect(failure).toBeInstanceOf(SerializationError);
      expect(faultPaths(failure)).toEqual(['event 2.object']);
      expect(await latest(store)).toBe(0);
    });

    test('importEvents fails with a StoreClosedError after the store is closed', async () => {
      const store = await open();
      await store.close();

      expect(await failureOf(importAll(store, [foreignEvent(1)]))).toBeInstanceOf(StoreClosedError);
    });

    if (!supports.reopen) return;
    test('a reopened store has the imported events with their sequence numbers, and accepts further imports', async () => {
      const before = await open();
      await importAll(before, span(7, 9).map(foreignEvent));
      await before.close();

      const after = await open();
      expect(await readAll(after)).toEqual(span(7, 9).map(foreignEvent));
      expect(await importAll(after, [foreignEvent(10)])).toBe(true);
    });
  });
