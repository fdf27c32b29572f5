import { firstValueFrom, take, toArray } from 'rxjs';
import { type EventFilter, type EventStore, trimHorizon } from '../../../../index.ts';
import { readAll, readPage } from '../../support/read-all.ts';
import { request, seqNums } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const log = [
  request('CREATE', 'Job'),
  request('CREATE', 'Node'),
  request('UPDATE', 'Job'),
  request('DELETE', 'Node'),
  request('CREATE', 'job'),
  request('DELETE', 'Job'),
  request('UPDATE', 'Execution'),
  request('CREATE', 'Job'),
];

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
];

/** Declares the tests of event filters. */
export const describeFiltering = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an event filter', () => {
    const openFilled = async (): Promise<EventStore> => {
      const store = await open();
      await store.storeEvents(log.slice(0, 5));
      for (const single of log.slice(5)) await store.storeEvent(single);
      return store;
    };

    test.each(filters)(
      'with %s matches the same events in a replay with any batchSize',
      async (_name, filter, expected) => {
        const store = await openFilled();

        for (const batchSize of [undefined, 1, 2, 3, 8]) {
          expect(seqNums(await readAll(store, trimHorizon(), { filter, batchSize }))).toEqual(expected);
        }
      },
    );

    test.each(filters)('with %s matches the same events in a page', async (_name, filter, expected) => {
      const page = await readPage(await openFilled(), trimHorizon(), { filter });

      expect(seqNums(page.events)).toEqual(expected);
      expect(page.nextEventIterator).toEqual({ type: 'after_sequence_number', sequenceNumber: 8 });
    });

    test.each(filters.filter(([, , expected]) => expected.length > 0))(
      'with %s matches the same events in a live read',
      async (_name, filter, expected) => {
        const store = await open();
        const events = firstValueFrom(
          store.events(trimHorizon(), { filter }).pipe(take(expected.length), toArray()),
        );
        for (const single of log) await store.storeEvent(single);

        expect(seqNums(await events)).toEqual(expected);
      },
    );
  });
