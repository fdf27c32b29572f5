import { createManager, type EventFilter, partitionOf, type Watcher, watch } from '../../../index.ts';
import { created, request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import {
  appendAndReadAll,
  caughtUp,
  nextOutcomes,
  openJobs,
  passed,
  watchByHand,
} from '../support/watched.ts';

const filters: readonly [string, EventFilter, readonly number[]][] = [
  ['object type', { objectTypes: ['Node'] }, [2, 4]],
  ['operation', { operations: ['DELETE'] }, [3, 4]],
  ['object type and operation', { objectTypes: ['Node'], operations: ['CREATE'] }, [2]],
];

export const describeWatching = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher', () => {
    test('a watcher handles stored events and then new events in order, one at a time', async () => {
      const store = await openJobs(open, 3);
      const { byHand, outcomes$ } = watchByHand(store);

      await byHand.attempt(1);
      await appendAndReadAll(store);
      expect(byHand.seqNums).toEqual([1]);
      await byHand.finishAttempts(1, 4);
      await store.storeEvent(created(5));
      await byHand.finishAttempts(5);

      expect(await nextOutcomes(outcomes$, 5)).toEqual(span(1, 5).map((n) => [n, 'handled', 1]));
      expect(byHand.seqNums).toEqual(span(1, 5));
    });

    test.each(['create', 'start'])(
      'a watcher does not call its handler before `%s` has returned',
      async (call) => {
        const store = await openJobs(open, 2);
        const manager = createManager(store);
        const seen: (string | undefined)[] = [];
        let returned: Watcher | undefined;
        const handler = () => void seen.push(returned?.id);
        returned = manager.create('w', {
          handler,
          retryStrategy: 'skip',
          maxRetries: 0,
          autoStart: call === 'create',
        });
        if (call === 'start') {
          const watcher = returned;
          returned = undefined;
          watcher.start();
          returned = watcher;
        }

        await passed(returned, 2);

        expect(seen).toEqual(['w', 'w']);
      },
    );

    test('a watcher passes the stored event, the attempt number and the watcher id to its handler', async () => {
      const store = await open();
      const event = await store.storeEvent(created(7));
      const { byHand } = watchByHand(store);

      const attempt = await byHand.attempt(1);

      expect(attempt.event).toStrictEqual(event);
      expect(attempt.context).toMatchObject({ attempt: 1, watcherId: 'w' });
      expect(attempt.context.signal.aborted).toBe(false);
    });

    test.each<[string, EventFilter]>([
      ['keys', { keys: ['k'] }],
      ['a partition', { partition: { index: partitionOf('k', 8), count: 8 } }],
    ])(
      'a waiting watcher with %s as its filter handles each matching event of an append',
      async (_name, filter) => {
        const store = await open();
        const keys = span(1, 20).map((n) => (n % 7 === 0 ? 'k' : `${n}`));
        const expected = span(1, 20).filter((n) => partitionOf(keys[n - 1] ?? '', 8) === partitionOf('k', 8));
        const handled: number[] = [];
        const manager = createManager(store);
        const waiting = manager.create('w', {
          filter,
          handler: ({ seqNum }) => void handled.push(seqNum),
          autoStart: true,
        });
        manager.create('other', { filter: { keys: ['20'] }, handler() {}, autoStart: true });
        await caughtUp(waiting);

        await store.storeEvents(keys.map((key) => ({ ...request('CREATE', 'Job'), key })));
        await passed(waiting, 20);

        expect(handled).toEqual(filter.keys === undefined ? expected : [7, 14]);
      },
    );

    test('a watcher handles each event of a log with many pages', async () => {
      const store = await openJobs(open, 25);
      const seen: number[] = [];
      const watcher = createManager(store).create('w', {
        handler: ({ seqNum }) => void seen.push(seqNum),
        batchSize: 4,
        bufferSize: 3,
        autoStart: true,
      });

      await passed(watcher, 25);

      expect(seen).toEqual(span(1, 25));
    });

    test.each(filters)(
      'a watcher handles only events that match a filter by %s',
      async (_name, filter, expected) => {
        const store = await open();
        await store.storeEvents([
          created(1),
          request('CREATE', 'Node'),
          request('DELETE', 'Job'),
          request('DELETE', 'Node'),
          created(5),
        ]);
        const { byHand, watcher } = watchByHand(store, { filter, batchSize: 2 });
        await byHand.finishAttempts(1, expected.length);

        await passed(watcher, 5);

        expect(byHand.seqNums).toEqual(expected);
        expect(watcher.stats()).toMatchObject({ handled: expected.length, skipped: 0 });
      },
    );

    test('a watcher handles all events independently of other watchers on the same store', async () => {
      const store = await openJobs(open, 3);

      const all = ['a', 'b', 'c'].map((id) =>
        nextOutcomes(watch(store, id, { handler: () => undefined }), 3),
      );

      const each = span(1, 3).map((n) => [n, 'handled', 1]);
      expect(await Promise.all(all)).toEqual([each, each, each]);
    });
  });
