import { firstValueFrom, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import {
  afterSequenceNumber,
  atSequenceNumber,
  type EventIterator,
  latest,
  trimHorizon,
} from '../../../../index.ts';
import { CountingSerializer } from '../../support/counting-serializer.ts';
import { note } from '../../support/note.ts';
import { created, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const positions: readonly [string, EventIterator, readonly number[]][] = [
  ['trimHorizon()', trimHorizon(), span(1, 6)],
  ['latest()', latest(), [4, 5, 6]],
  ['atSequenceNumber(2)', atSequenceNumber(2), span(2, 6)],
  ['afterSequenceNumber(2)', afterSequenceNumber(2), span(3, 6)],
  ['atSequenceNumber(5), a later number', atSequenceNumber(5), [5, 6]],
  ['afterSequenceNumber(5), a later number', afterSequenceNumber(5), [6]],
];

/** Declares the tests of live reads: `events` with its default options. */
export const describeFollowing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a live read', () => {
    test.each(positions)(
      'a live read from %s emits stored events and then appended events',
      async (_name, from, expected) => {
        const store = await open();
        await store.storeEvents(span(1, 3).map(created));
        const events = firstValueFrom(
          store.events(from).pipe(
            map(({ seqNum }) => seqNum),
            take(expected.length),
            toArray(),
          ),
        );

        for (const n of span(4, 6)) await store.storeEvent(created(n));

        expect(await events).toEqual(expected);
      },
    );

    test('a live read from latest() begins at the end that the log has at each subscription', async () => {
      const store = await open();
      const events = store.events(latest()).pipe(map(({ seqNum }) => seqNum));
      await store.storeEvent(created(1));
      const first = firstValueFrom(events);
      await store.storeEvent(created(2));
      const second = firstValueFrom(events);
      await store.storeEvent(created(3));

      expect([await first, await second]).toEqual([2, 3]);
    });

    test('a live read emits events that are appended while it emits stored events', async () => {
      const store = await open();
      const seen: number[] = [];
      await store.storeEvent(created(1));

      await new Promise<void>((resolve, reject) => {
        store
          .events(trimHorizon(), { batchSize: 2 })
          .pipe(take(50))
          .subscribe({
            next: ({ seqNum }) => {
              seen.push(seqNum);
              void store.storeEvents([created(seqNum), created(seqNum)]);
            },
            complete: resolve,
            error: reject,
          });
      });

      expect(seen).toEqual(span(1, 50));
    });

    test('a live read has a separate position for each subscription', async () => {
      const store = await open();
      await store.storeEvent(created(1));
      const early = firstValueFrom(store.events(trimHorizon()).pipe(take(4), toArray()));
      await store.storeEvent(created(2));
      const late = firstValueFrom(store.events(afterSequenceNumber(1)).pipe(take(3), toArray()));
      await store.storeEvents([created(3), created(4)]);

      expect(seqNums(await early)).toEqual(span(1, 4));
      expect(seqNums(await late)).toEqual(span(2, 4));
    });

    test('a live read emits nothing after an unsubscription in the middle of a page', async () => {
      const store = await open();
      await store.storeEvents(span(1, 10).map(created));
      const sent: number[] = [];

      const events = store.events(trimHorizon()).pipe(tap(({ seqNum }) => sent.push(seqNum)));
      await lastValueFrom(events.pipe(take(3)));
      await store.storeEvent(created(11));

      expect(sent).toEqual([1, 2, 3]);
    });

    test('a live read decodes no further event after an unsubscription', async () => {
      const serializer = new CountingSerializer();
      const store = await open({ scheduler: new VirtualClock(), cacheSize: 0, serializer });
      const events = note(store.events(trimHorizon()));
      await store.storeEvent(created(1));
      await events.has(1);
      events.subscription.unsubscribe();
      const before = serializer.decoded;

      await store.storeEvent(created(2));

      const decodedForAppend = 1;
      expect(serializer.decoded - before).toBe(decodedForAppend);
      expect(seqNums(events.values)).toEqual([1]);
    });
  });
