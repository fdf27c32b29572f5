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

/** Arguments that make no sense: everything that is wrong is told at once, by its path. */
export const describeRefusing = ({ describe, expect, test, open }: StoreSuite) =>
  describe('arguments that make no sense', () => {
    test.each(calls)('to %s: InvalidOptionsError (%#)', async (_name, call, paths) => {
      const error = await failureOf(call(await open()));

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect([...faultPaths(error)].sort()).toEqual(paths);
    });

    test.each<[unknown]>([
      [-1],
      [0.5],
      [Number.NaN],
      [2 ** 53],
      [Number.POSITIVE_INFINITY],
      ['5'],
      [null],
      [undefined],
    ])('for a number, %o: InvalidOptionsError of whatever takes it', async (wrong) => {
      const store = await open();
      await store.storeEvent(created(1));
      const sequenceNumber = wrong as never;
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

    test.each(requests)('a request with %s: InvalidRequestError', async (_name, wrong, paths) => {
      const store = await open();
      const error = await failureOf(store.storeEvent(wrong as never));

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect([...faultPaths(error)].sort()).toEqual(paths);
      expect(await readAll(store)).toEqual([]);
    });

    test('a batch that is no array: InvalidRequestError', async () => {
      const store = await open();

      expect(await failureOf(store.storeEvents(created(1) as never))).toBeInstanceOf(InvalidRequestError);
    });

    test('a batch with a hole: InvalidRequestError, by its place', async () => {
      const store = await open();
      const batch = [created(1), created(2), created(3)];
      delete batch[1];

      const error = await failureOf(store.storeEvents(batch));

      expect(error).toBeInstanceOf(InvalidRequestError);
      expect(faultPaths(error)).toEqual(['1']);
      expect(await readAll(store)).toEqual([]);
    });

    test.each(unstorable)('an object with %s: SerializationError', async (_name, object, paths) => {
      const store = await open();
      const error = await failureOf(store.storeEvent({ operation: 'CREATE', objectType: 'Job', object }));

      expect(error).toBeInstanceOf(SerializationError);
      expect([...faultPaths(error)].sort()).toEqual(paths);
      expect(await readAll(store)).toEqual([]);
    });

    test('do no harm to the requests of others', async () => {
      const store = await open();

      const results = await Promise.allSettled([
        store.storeEvent(created(1)),
        ...requests.map(([, wrong]) => store.storeEvent(wrong as never)),
        store.storeEvent(created(2)),
      ]);

      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      expect((await readAll(store)).map(({ object }) => object)).toEqual([{ n: 1 }, { n: 2 }]);
    });

    test('are told of at subscription, not at the call', async () => {
      const store = await open();

      expect(() => [
        store.events(badIterator),
        store.getEvents({} as never),
        store.getCheckpoint(''),
      ]).not.toThrow();
      expect(await readAll(store, trimHorizon())).toEqual([]);
    });

    test('are read once: a getter that answers differently the next time changes nothing', async () => {
      const store = await open();
      const request = { operation: 'CREATE', objectType: 'Job', object: 1 };
      const answers = ['CREATE', undefined, 'DELETE'];
      const changing = {
        ...request,
        get operation() {
          return answers.shift();
        },
      };

      const stored = await Promise.allSettled([
        store.storeEvent(created(1)),
        store.storeEvent(changing as never),
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

    test('to open: InvalidOptionsError', async () => {
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
