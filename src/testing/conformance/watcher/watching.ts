import { createManager, type EventFilter, type Watcher, watch } from '../../../index.ts';
import { created, request, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { fates, occasion, openJobs, passed, watchByHand } from '../support/watched.ts';

const filters: readonly [string, EventFilter, readonly number[]][] = [
  ['type', { objectTypes: ['Node'] }, [2, 4]],
  ['operation', { operations: ['DELETE'] }, [3, 4]],
  ['both', { objectTypes: ['Node'], operations: ['CREATE'] }, [2]],
];

/** What a watcher hands over, on the store under test. */
export const describeWatching = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher', () => {
    test('is given each event in order, one at a time, what is stored later too', async () => {
      const store = await openJobs(open, 3);
      const { byHand, outcomes$ } = watchByHand(store);

      await byHand.attempt(1);
      await occasion(store);
      expect(byHand.seqNums).toEqual([1]);
      await byHand.finish(1, 4);
      await store.storeEvent(created(5));
      await byHand.finish(5);

      expect(await fates(outcomes$, 5)).toEqual(span(1, 5).map((n) => [n, 'handled', 1]));
      expect(byHand.seqNums).toEqual(span(1, 5));
    });

    test.each(['create', 'start'])('is given nothing before `%s` has returned', async (call) => {
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
    });

    test('is given the event as it is stored, and told which attempt it is, and by whom', async () => {
      const store = await open();
      const event = await store.storeEvent(created(7));
      const { byHand } = watchByHand(store);

      const attempt = await byHand.attempt(1);

      expect(attempt.event).toStrictEqual(event);
      expect(attempt.context).toMatchObject({ attempt: 1, watcherId: 'w' });
      expect(attempt.context.signal.aborted).toBe(false);
    });

    test('passes every event of a log of many pages', async () => {
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
      'with a filter by %s is given only what that lets through',
      async (_by, filter, expected) => {
        const store = await open();
        await store.storeEvents([
          created(1),
          request('CREATE', 'Node'),
          request('DELETE', 'Job'),
          request('DELETE', 'Node'),
          created(5),
        ]);
        const { byHand, watcher } = watchByHand(store, { filter, batchSize: 2 });
        await byHand.finish(1, expected.length);

        await passed(watcher, 5);

        expect(byHand.seqNums).toEqual(expected);
        expect(watcher.stats()).toMatchObject({ handled: expected.length, skipped: 0 });
      },
    );

    test('may be one of several on a store: each is given everything', async () => {
      const store = await openJobs(open, 3);

      const all = ['a', 'b', 'c'].map((id) => fates(watch(store, id, { handler: () => undefined }), 3));

      const each = span(1, 3).map((n) => [n, 'handled', 1]);
      expect(await Promise.all(all)).toEqual([each, each, each]);
    });
  });
