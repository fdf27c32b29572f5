import { firstValueFrom, take, toArray } from 'rxjs';
import {
  type EventFilter,
  type EventIterator,
  type EventStore,
  partitionOf,
  type StoreEventRequest,
  trimHorizon,
} from '../../../../index.ts';
import { note } from '../../support/note.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { request, seqNums, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const log: readonly StoreEventRequest[] = [
  { ...request('CREATE', 'Job'), key: 'a' },
  { ...request('CREATE', 'Node'), key: 'b' },
  { ...request('UPDATE', 'Job'), key: 'a' },
  request('DELETE', 'Node'),
  { ...request('CREATE', 'job'), key: 'A' },
  { ...request('DELETE', 'Job'), key: 'b' },
  request('UPDATE', 'Execution'),
  { ...request('CREATE', 'Job'), key: 'Zürich \0' },
];

/** Returns the sequence numbers of the events in a partition. */
const inPartition = (index: number, count: number): readonly number[] =>
  log.flatMap(({ key = '' }, position) => (partitionOf(key, count) === index ? [position + 1] : []));

const filters: readonly [string, EventFilter, readonly number[]][] = [
  ['no lists', {}, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['empty lists', { objectTypes: [], operations: [] }, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['one type', { objectTypes: ['Job'] }, [1, 3, 6, 8]],
  ['several types', { objectTypes: ['Node', 'Execution'] }, [2, 4, 7]],
  ['one operation', { operations: ['DELETE'] }, [4, 6]],
  ['several operations', { operations: ['UPDATE', 'DELETE'] }, [3, 4, 6, 7]],
  ['a type and an operation', { objectTypes: ['Job'], operations: ['CREATE'] }, [1, 8]],
  ['a type and an empty list of operations', { objectTypes: ['Job'], operations: [] }, [1, 3, 6, 8]],
  ['an empty list of types and an operation', { objectTypes: [], operations: ['UPDATE'] }, [3, 7]],
  [
    'a type and an operation that do not occur together',
    { objectTypes: ['Execution'], operations: ['CREATE'] },
    [],
  ],
  ['a type that does not occur', { objectTypes: ['Jo'] }, []],
  ['one key', { keys: ['a'] }, [1, 3]],
  ['several keys', { keys: ['b', 'Zürich \0'] }, [2, 6, 8]],
  ['an empty list of keys', { keys: [] }, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['a key that does not occur', { keys: ['aa'] }, []],
  ['a key and a type', { keys: ['b'], objectTypes: ['Node'] }, [2]],
  ['a key and an operation that do not occur together', { keys: ['a'], operations: ['DELETE'] }, []],
  ['the only partition', { partition: { index: 0, count: 1 } }, [1, 2, 3, 4, 5, 6, 7, 8]],
  ...[0, 1, 2].map((index): [string, EventFilter, readonly number[]] => [
    `partition ${index} of 3`,
    { partition: { index, count: 3 } },
    inPartition(index, 3),
  ]),
  ['the partition of a key', { keys: ['a'], partition: { index: partitionOf('a', 7), count: 7 } }, [1, 3]],
];

/** Reads page after page to the end of the log. Returns the sequence numbers of all pages. */
async function readPages(
  store: EventStore,
  filter: EventFilter,
  limits: { readonly limit: number; readonly batchSize: number },
): Promise<readonly number[]> {
  const found: number[] = [];
  let iterator: EventIterator = trimHorizon();
  for (;;) {
    const page = await readPage(store, iterator, { ...limits, filter, longPollingTimeout: 0 });
    found.push(...seqNums(page.events));
    iterator = page.nextEventIterator;
    if (iterator.type === 'after_sequence_number' && iterator.sequenceNumber >= log.length) return found;
  }
}

export const describeFiltering = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an event filter', () => {
    const openFilled = async (): Promise<EventStore> => {
      const store = await open();
      await store.storeEvents(log.slice(0, 5));
      for (const single of log.slice(5)) await store.storeEvent(single);
      return store;
    };

    test.each(filters)(
      'a replay with any batchSize emits exactly the events that the filter matches: %s',
      async (_name, filter, expected) => {
        const store = await openFilled();

        for (const batchSize of [undefined, 1, 2, 3, 8]) {
          expect(seqNums(await readAll(store, trimHorizon(), { filter, batchSize }))).toEqual(expected);
        }
      },
    );

    test.each(filters)(
      'a page contains exactly the events that the filter matches: %s',
      async (_name, filter, expected) => {
        const page = await readPage(await openFilled(), trimHorizon(), { filter });

        expect(seqNums(page.events)).toEqual(expected);
        expect(page.nextEventIterator).toEqual({ type: 'after_sequence_number', sequenceNumber: 8 });
      },
    );

    test.each(filters)(
      'pages with any limit and batchSize contain exactly the events that the filter matches: %s',
      async (_name, filter, expected) => {
        const store = await openFilled();

        for (const limit of [0, 1, 2]) {
          for (const batchSize of [1, 3, 8]) {
            expect(await readPages(store, filter, { limit, batchSize })).toEqual(expected);
          }
        }
      },
    );

    test.each(filters.filter(([, , expected]) => expected.length > 0))(
      'a live read emits exactly the events that the filter matches: %s',
      async (_name, filter, expected) => {
        const store = await open();
        const events = firstValueFrom(
          store.events(trimHorizon(), { filter }).pipe(take(expected.length), toArray()),
        );
        for (const single of log) await store.storeEvent(single);

        expect(seqNums(await events)).toEqual(expected);
      },
    );

    test('filters with different keys and partitions match their events for many live readers', async () => {
      const store = await open();
      const keys = span(1, 40).map((n) => `key ${n}`);
      const waiting: EventFilter[] = [
        ...keys.map((key) => ({ keys: [key] })),
        ...span(0, 3).map((index) => ({ partition: { index, count: 4 } })),
      ];
      const readers = waiting.map((filter) => note(store.events(trimHorizon(), { filter })));

      for (const key of keys) await store.storeEvent({ ...request('CREATE', 'Job'), key });
      await store.storeEvents(keys.map((key) => ({ ...request('UPDATE', 'Job'), key })));
      for (const [index, filter] of waiting.entries()) {
        const expected = seqNums(await readAll(store, trimHorizon(), { filter }));
        await readers[index]?.has(expected.length);
        expect(seqNums(readers[index]?.values ?? [])).toEqual(expected);
      }

      expect(readers.slice(0, 40).map(({ values }) => seqNums(values))).toEqual(
        span(1, 40).map((n) => [n, n + 40]),
      );
      expect(readers.slice(40).flatMap(({ values }) => values)).toHaveLength(80);
    });
  });
