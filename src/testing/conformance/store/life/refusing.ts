import { firstValueFrom } from 'rxjs';
import {
  createManager,
  type EventIterator,
  InvalidOptionsError,
  InvalidRequestError,
  SerializationError,
  trimHorizon,
} from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { created } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';
import { badIterator, calls, requests, unstorable } from '../../support/wrong-arguments.ts';

/** Declares the tests of invalid arguments: an error lists each fault with its path. */
export const describeValidating = ({ describe, expect, test, open }: StoreSuite) =>
  describe('the validation of arguments by a store', () => {
    test.each(calls)(
      'a call with invalid arguments fails with an InvalidOptionsError: %s (%#)',
      async (_name, call, paths) => {
        const error = await failureOf(call(await open()));

        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect([...faultPaths(error)].sort()).toEqual(paths);
      },
    );

    test.each<[unknown]>([
      [-1],
      [0.5],
      [Number.NaN],
      [2 ** 53],
      [Number.POSITIVE_INFINITY],
      ['5'],
      [null],
      [undefined],
    ])('a store rejects %o as a sequence number with an InvalidOptionsError', async (invalid) => {
      const store = await open();
      await store.storeEvent(created(1));
      const sequenceNumber = invalid as never;
      const iterators: readonly EventIterator[] = [
        { type: 'at_sequence_number', sequenceNumber },
        { type: 'after_sequence_number', sequenceNumber },
      ];

      for (const iterator of iterators) {
        expect(await failureOf(readAll(store, iterator))).toBeInstanceOf(InvalidOptionsError);
        expect(await failureOf(readPage(store, iterator))).toBeInstanceOf(InvalidOptionsError);
        expect(() => createManager(store).create('w', { initialEventIterator: iterator })).toThrow(
          InvalidOptionsError,
        );
      }
      expect(await failureOf(store.storeCheckpoint('w', sequenceNumber))).toBeInstanceOf(InvalidOptionsError);
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
    });

    test.each(requests)(
      'a store rejects a request with %s with an InvalidRequestError',
      async (_name, invalid, paths) => {
        const store = await open();
        const error = await failureOf(store.storeEvent(invalid as never));

        expect(error).toBeInstanceOf(InvalidRequestError);
        expect([...faultPaths(error)].sort()).toEqual(paths);
        expect(await readAll(store)).toEqual([]);
      },
    );

    test('a store rejects a batch that is not an array with an InvalidRequestError', async () => {
      const store = await open();

      expect(await failureOf(store.storeEvents(created(1) as never))).toBeInstanceOf(InvalidRequestError);
    });

    test('a store rejects a sparse array as a batch with an InvalidRequestError', async () => {
      const store = await open();
      const batch = [created(1), created(2), created(3)];
      delete batch[1];

      const error = await failureOf(store.storeEvents(batch));

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(error)).toEqual(['1']);
      expect(await readAll(store)).toEqual([]);
    });

    test.each(unstorable)(
      'a store rejects an object with %s with a SerializationError',
      async (_name, object, paths) => {
        const store = await open();
        const error = await failureOf(store.storeEvent({ operation: 'CREATE', objectType: 'Job', object }));

        expect(error).toBeInstanceOf(SerializationError);
        expect([...faultPaths(error)].sort()).toEqual(paths);
        expect(await readAll(store)).toEqual([]);
      },
    );

    test('a rejected request does not affect other requests', async () => {
      const store = await open();

      const results = await Promise.allSettled([
        store.storeEvent(created(1)),
        ...requests.map(([, invalid]) => store.storeEvent(invalid as never)),
        store.storeEvent(created(2)),
      ]);

      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect((await readAll(store)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 2 }]);
    });

    test('a method that returns an Observable reports invalid arguments at the subscription, not at the call', async () => {
      const store = await open();

      expect(() => [
        store.events(badIterator),
        store.getEvents({} as never),
        store.getCheckpoint(''),
      ]).not.toThrow();
      expect(await readAll(store, trimHorizon())).toEqual([]);
    });

    test('a store reads each property of a request exactly once', async () => {
      const store = await open();
      const request = { operation: 'CREATE', objectType: 'Job', object: 1 };
      const operations = ['CREATE', undefined, 'DELETE'];
      const changingRequest = {
        ...request,
        get operation() {
          return operations.shift();
        },
      };

      const stored = await Promise.allSettled([
        store.storeEvent(created(1)),
        store.storeEvent(changingRequest as never),
        store.storeEvents([
          created(3),
          {
            ...request,
            get objectType() {
              throw new Error('no');
            },
          } as never,
        ]),
        store.storeEvent(created(2)),
      ]);

      expect(stored.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
      expect((stored[2] as PromiseRejectedResult).reason).toBeInstanceOf(InvalidRequestError);
      expect((await readAll(store)).map(({ operation }) => operation)).toEqual([
        'CREATE',
        'CREATE',
        'CREATE',
      ]);
    });

    test('a store with invalid options throws an InvalidOptionsError at its creation', async () => {
      const options = {
        serializer: { encode() {} },
        longPollingTimeout: -1,
        scheduler: 5,
        logger: { warn() {} },
      };

      const error = await failureOf((async () => open(options as never))());

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect([...new Set(faultPaths(error).map((path) => path.split('.')[0]))].sort()).toEqual([
        'logger',
        'longPollingTimeout',
        'scheduler',
        'serializer',
      ]);
    });
  });
