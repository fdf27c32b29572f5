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
import { VirtualTime } from '../../support/virtual-time.ts';

/** An event of another log, stored at a time of its own. */
const elsewhere = (seqNum: number): Event => ({
  ...created(seqNum),
  seqNum,
  timestamp: new Date(1_000_000 + 1000 * Math.floor(seqNum / 3)),
});

const restore = (store: EventStore, events: readonly Event[], after = (events[0]?.seqNum ?? 1) - 1) =>
  (store as Required<EventStore>).importEvents(after, events);

/** Events of another log, which come with their numbers and times. */
export const describeRestoring = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('restoring', () => {
    const latest = (store: EventStore) => firstValueFrom(store.getLatestSeqNum());

    test('stores the events as they are, with their numbers and times', async () => {
      const store = await open();
      const events = span(1, 400).map(elsewhere);

      expect(await restore(store, events.slice(0, 100))).toBe(true);
      expect(await restore(store, events.slice(100))).toBe(true);

      expect(await readAll(store)).toEqual(events);
    });

    test('begins an empty log at any number: what comes before is let go of', async () => {
      const store = await open();

      expect(await restore(store, span(41, 50).map(elsewhere))).toBe(true);

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
    ])('of %i to %i does nothing where they do not follow event 3', async (from, to) => {
      const store = await open();
      await store.storeEvents(span(1, 3).map(created));

      expect(await restore(store, span(from, to).map(elsewhere))).toBe(false);

      expect(seqNums(await readAll(store))).toEqual([1, 2, 3]);
    });

    test('goes by the numbers that were given, also when nothing is held any more', async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1 });
      await store.storeEvents(span(1, 3).map(created));
      await passEverything(store);
      time.advance(10);
      await store.collectGarbage();
      expect(await readAll(store)).toEqual([]);

      expect(await restore(store, span(2, 4).map(elsewhere))).toBe(false);
      expect(await restore(store, span(4, 5).map(elsewhere))).toBe(true);

      expect(seqNums(await readAll(store))).toEqual([4, 5]);
    });

    test('wakes those who follow, and is followed by appends no earlier', async () => {
      const store = await open({ scheduler: new VirtualTime() });
      const seen = firstValueFrom(store.events(afterSequenceNumber(0)));

      await restore(store, [elsewhere(1)]);

      expect(await seen).toEqual(elsewhere(1));
      expect((await store.storeEvent(created(2))).timestamp).toEqual(elsewhere(1).timestamp);
    });

    test('of nothing says where numbers begin, in a log that never held any, and does nothing in others', async () => {
      const store = await open();

      expect([await restore(store, []), await latest(store)]).toEqual([true, 0]);
      expect([await restore(store, [], 40), await latest(store)]).toEqual([true, 40]);
      expect([await restore(store, [], 41), await latest(store)]).toEqual([false, 40]);
      expect([await restore(store, [], 40), await latest(store)]).toEqual([true, 40]);
      expect((await store.storeEvent(created(1))).seqNum).toBe(41);
      expect(await readAll(store)).toHaveLength(1);
    });

    test('happens once when it is asked for twice at the same time', async () => {
      const store = await open();
      const events = span(1, 5).map(elsewhere);

      const restored = await Promise.all([restore(store, events), restore(store, events)]);

      expect(restored).toEqual([true, false]);
      expect(await readAll(store)).toEqual(events);
    });

    test.each<[string, readonly Event[], readonly string[]]>([
      ['a hole', [elsewhere(1), elsewhere(3)], ['events.1.seqNum']],
      ['a number twice', [elsewhere(1), elsewhere(1)], ['events.1.seqNum']],
      [
        'a time that goes back',
        [elsewhere(3), { ...elsewhere(4), timestamp: new Date(0) }],
        ['events.1.timestamp'],
      ],
      [
        'what are no events',
        [{ ...elsewhere(1), operation: 'READ' as never, seqNum: 0.5, timestamp: new Date(Number.NaN) }],
        ['after', 'events.0.operation', 'events.0.seqNum', 'events.0.timestamp'],
      ],
    ])('of %s is refused with every fault, and nothing is stored', async (_what, events, paths) => {
      const store = await open();

      const failure = await failureOf(restore(store, events));

      expect(failure).toBeInstanceOf(InvalidRequestError);
      expect([...new Set(faultPaths(failure))].sort()).toEqual(paths);
      expect(await latest(store)).toBe(0);
    });

    test('of an object that the store cannot hold is refused, and nothing is stored', async () => {
      const store = await open();

      const failure = await failureOf(restore(store, [elsewhere(1), { ...elsewhere(2), object: 1n }]));

      expect(failure).toBeInstanceOf(SerializationError);
      expect(faultPaths(failure)).toEqual(['event 2.object']);
      expect(await latest(store)).toBe(0);
    });

    test('fails once the store is closed', async () => {
      const store = await open();
      await store.close();

      expect(await failureOf(restore(store, [elsewhere(1)]))).toBeInstanceOf(StoreClosedError);
    });

    if (!supports.reopen) return;
    test('lasts, and so does where the log begins', async () => {
      const before = await open();
      await restore(before, span(7, 9).map(elsewhere));
      await before.close();

      const after = await open();
      expect(await readAll(after)).toEqual(span(7, 9).map(elsewhere));
      expect(await restore(after, [elsewhere(10)])).toBe(true);
    });
  });
