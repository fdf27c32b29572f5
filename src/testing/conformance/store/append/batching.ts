import { concatMap, lastValueFrom, take, toArray } from 'rxjs';
import {
  InvalidRequestError,
  latest,
  SerializationError,
  type StoreEventRequest,
} from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll } from '../../support/read-all.ts';
import { created, request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const unknownOperation = { operation: 'READ', objectType: 'Job', object: 1 } as unknown as StoreEventRequest;

export const describeBatching = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a batch append', () => {
    test('a batch append stores all events in order, with contiguous numbers and the same timestamp', async () => {
      const store = await open();
      await store.storeEvent(created(1));

      const events = await store.storeEvents(span(2, 500).map(created));

      expect(seqNums(events)).toEqual(span(2, 500));
      expect(new Set(events.map(({ timestamp }) => timestamp.getTime())).size).toBe(1);
      expect((await readAll(store)).slice(1)).toStrictEqual(events);
    });

    test('an append of an empty batch stores nothing', async () => {
      const store = await open();

      expect(await store.storeEvents([])).toEqual([]);
      expect(await readAll(store)).toEqual([]);
      expect((await store.storeEvent(created(1))).seqNum).toBe(1);
    });

    if (supports.atomicBatches) {
      test('all events of a batch become visible to readers at the same time', async () => {
        const store = await open();
        const latestSeen = lastValueFrom(
          store.events(latest()).pipe(
            take(100),
            concatMap(() => store.getLatestSeqNum()),
            toArray(),
          ),
        );

        await store.storeEvents(span(1, 100).map(created));

        expect(new Set(await latestSeen)).toEqual(new Set([100]));
      });
    }

    test('storeEvents rejects a batch with one invalid request, and the path of the fault contains the index of that request', async () => {
      const store = await open();

      const error = await failureOf(store.storeEvents([created(1), unknownOperation, created(3)]));

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(error)).toEqual(['1.operation']);
      expect(await readAll(store)).toEqual([]);
    });

    test('storeEvents rejects a batch with one unserializable object, and the path of the fault contains the index of its request', async () => {
      const store = await open();
      const batch = [created(1), created(2), request('CREATE', 'Job', { when: { at: () => 5 } })];

      const error = await failureOf(store.storeEvents(batch));

      expect(error).toBeInstanceOf(SerializationError);
      expect(faultPaths(error)).toEqual(['2.object.when.at']);
      expect(await readAll(store)).toEqual([]);
    });

    test('the error of a rejected batch lists the faults of all its requests', async () => {
      const store = await open();

      const malformed = [unknownOperation, created(2), { ...unknownOperation, objectType: '' }];
      expect(faultPaths(await failureOf(store.storeEvents(malformed)))).toEqual([
        '0.operation',
        '2.operation',
        '2.objectType',
      ]);
      const unstorable = [
        request('CREATE', 'Job', { a: Number.NaN, b: 1n }),
        created(2),
        request('CREATE', 'Job', new Map()),
      ];
      expect(faultPaths(await failureOf(store.storeEvents(unstorable)))).toEqual([
        '0.object.a',
        '0.object.b',
        '2.object',
      ]);
    });

    test('a rejected batch leaves no gap in the sequence numbers', async () => {
      const store = await open();

      const results = await Promise.allSettled([
        store.storeEvents([created(1), created(2)]),
        store.storeEvents([created(0), unknownOperation]),
        store.storeEvents([created(3)]),
      ]);

      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await readAll(store)).map(({ seqNum, object }) => [seqNum, object])).toEqual(
        span(1, 3).map((n) => [n, { n }]),
      );
    });
  });
