import { firstValueFrom, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type Event,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../../../index.ts';
import { readAll } from '../../support/read-all.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const positions: readonly [string, EventIterator, readonly number[]][] = [
  ['trimHorizon()', trimHorizon(), span(1, 10)],
  ['latest()', latest(), []],
  ['atSequenceNumber(0)', atSequenceNumber(0), span(1, 10)],
  ['atSequenceNumber(1)', atSequenceNumber(1), span(1, 10)],
  ['atSequenceNumber(4)', atSequenceNumber(4), span(4, 10)],
  ['atSequenceNumber(10), the latest', atSequenceNumber(10), [10]],
  ['atSequenceNumber(11), the next number', atSequenceNumber(11), []],
  [
    'atSequenceNumber(Number.MAX_SAFE_INTEGER), the maximum number',
    atSequenceNumber(Number.MAX_SAFE_INTEGER),
    [],
  ],
  ['afterSequenceNumber(0)', afterSequenceNumber(0), span(1, 10)],
  ['afterSequenceNumber(4)', afterSequenceNumber(4), span(5, 10)],
  ['afterSequenceNumber(10), the latest', afterSequenceNumber(10), []],
  [
    'afterSequenceNumber(Number.MAX_SAFE_INTEGER), the maximum number',
    afterSequenceNumber(Number.MAX_SAFE_INTEGER),
    [],
  ],
];

/** Declares the tests of replays: `events` with `live: false`. */
export const describeReplaying = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a replay of stored events', () => {
    test.each(positions)('a replay emits the stored events from %s', async (_name, iterator, expected) => {
      const store = await open();
      await store.storeEvents(span(1, 10).map(created));

      const events = await readAll(store, iterator);

      expect(seqNums(events)).toEqual(expected);
      expect(events.map(({ object }) => object)).toEqual(expected.map((n) => ({ n })));
    });

    test.each(positions)(
      'a replay of headers emits the same events from %s without the objects',
      async (_name, iterator) => {
        const store = await open();
        await store.storeEvents(span(1, 10).map(created));

        for (const options of [
          { live: false },
          { live: false, filter: { operations: ['DELETE'] } },
        ] as const) {
          const events = await readAll(store, iterator, options);
          const headers = await lastValueFrom(store.headers(iterator, options).pipe(toArray()));

          expect(headers).toEqual(events.map(({ object: _object, ...header }) => header));
        }
      },
    );

    test.each(positions)(
      'a replay of an empty log completes without events from %s',
      async (_name, iterator) => {
        expect(await readAll(await open(), iterator)).toEqual([]);
      },
    );

    test('a replay begins again from its first event at each subscription', async () => {
      const store = await open();
      const events = store.events(trimHorizon(), { live: false }).pipe(
        map(({ seqNum }) => seqNum),
        toArray(),
      );

      await store.storeEvent(created(1));
      expect(await lastValueFrom(events)).toEqual([1]);
      await store.storeEvent(created(2));
      expect(await lastValueFrom(events)).toEqual([1, 2]);
    });

    test('a replay ends with the event that was the latest at the subscription, even if more events are appended', async () => {
      const store = await open();
      await store.storeEvents(span(1, 10).map(created));
      const appends: Promise<unknown>[] = [];

      const events = await lastValueFrom(
        store.events(trimHorizon(), { live: false, batchSize: 3 }).pipe(
          tap(({ seqNum }) => appends.push(store.storeEvent(created(seqNum + 10)))),
          take(15),
          toArray(),
        ),
      );
      await Promise.all(appends);

      expect(seqNums(events)).toEqual(span(1, 10));
      expect(await firstValueFrom(store.getLatestSeqNum())).toBe(20);
    });

    test.each([1, 2, 3, 9, 10, 11, 1000])(
      'a replay emits the same events with any batchSize: %i',
      async (batchSize) => {
        const store = await open();
        for (const n of span(1, 5)) await store.storeEvents([created(n), created(n)]);

        expect(seqNums(await readAll(store, trimHorizon(), { batchSize }))).toEqual(span(1, 10));
        expect(seqNums(await readAll(store, atSequenceNumber(4), { batchSize }))).toEqual(span(4, 10));
      },
    );

    test.each([0, 1, 3, 1000])(
      'a replay emits the same events with any cacheSize, in repeated reads: %i',
      async (cacheSize) => {
        const store = await open({ cacheSize });
        const events = await store.storeEvents(span(1, 10).map(created));

        expect(await readAll(store)).toStrictEqual(events);
        expect(await readAll(store)).toStrictEqual(events);
      },
    );

    test('a replay emits each event of a log with many pages once, in order', async () => {
      const store = await open();
      await store.storeEvents(span(1, 3000).map(created));
      await store.storeEvents(span(3001, 5500).map(created));

      const events = await readAll(store);

      expect(seqNums(events)).toEqual(span(1, 5500));
      expect(events.every(({ seqNum, object }) => (object as { n: number }).n === seqNum)).toBe(true);
    });

    test('a replay has a separate position for each subscription', async () => {
      const store = await open();
      await store.storeEvents(span(1, 6).map(created));
      const events = store.events(trimHorizon(), { live: false, batchSize: 2 });
      const inner: Promise<Event[]>[] = [];

      const outer = await lastValueFrom(
        events.pipe(
          tap(({ seqNum }) => {
            if (seqNum === 3) inner.push(lastValueFrom(events.pipe(toArray())));
          }),
          toArray(),
        ),
      );

      expect(seqNums(outer)).toEqual(span(1, 6));
      expect((await Promise.all(inner)).map(seqNums)).toEqual([span(1, 6)]);
    });
  });
