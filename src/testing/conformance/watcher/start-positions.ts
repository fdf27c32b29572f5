import {
  afterSequenceNumber,
  atSequenceNumber,
  atTimestamp,
  CheckpointError,
  type EventIterator,
  latest,
  SequenceTrimmedError,
  trimHorizon,
} from '../../../index.ts';
import { created, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { caughtUp, checkpointOf, openJobs, statsIn, watchByHand } from '../support/watched.ts';

const places: readonly [string, EventIterator, number][] = [
  ['trim_horizon', trimHorizon(), 1],
  ['latest', latest(), 5],
  ['at 3', atSequenceNumber(3), 3],
  ['after 3', afterSequenceNumber(3), 4],
  ['the time of the first', atTimestamp(new Date(0)), 1],
];

/** Where a watcher begins, on the store under test. */
export const describeWatchingPlaces = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher', () => {
    test.each(places)('without a checkpoint begins at %s', async (_place, initialEventIterator, first) => {
      const store = await openJobs(open, 4);
      const { byHand, watcher } = watchByHand(store, { initialEventIterator });
      // By then it has found its place: what is stored from now on is there for each of them.
      await Promise.race([byHand.attempt(1), caughtUp(watcher)]);
      await store.storeEvent(created(5));

      await byHand.finish(1, 6 - first);

      expect(byHand.seqNums).toEqual(span(first, 5));
    });

    test.each(places)(
      'with a checkpoint goes on after it, and not at %s',
      async (_place, initialEventIterator) => {
        const store = await openJobs(open, 4);
        await store.storeCheckpoint('w', 1);

        const { byHand } = watchByHand(store, { initialEventIterator });
        await byHand.finish(1, 3);

        expect(byHand.seqNums).toEqual([2, 3, 4]);
      },
    );

    test('with a checkpoint of 0 begins with the first event', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('w', 0);

      const { byHand } = watchByHand(store, { initialEventIterator: latest() });

      expect((await byHand.attempt(1)).event.seqNum).toBe(1);
    });

    test.each(places)(
      'stores the position where it begins, and goes on there though it handled nothing: %s',
      async (_place, initialEventIterator, first) => {
        const store = await openJobs(open, 4);
        const before = watchByHand(store, { initialEventIterator });
        const attempt = await Promise.race([before.byHand.attempt(1), caughtUp(before.watcher)]);
        expect(await checkpointOf(store)).toBe(first - 1);
        const stopped = before.manager.stop();
        if (typeof attempt === 'object') attempt.fail('no');
        await stopped;
        await store.storeEvent(created(5));

        const { byHand } = watchByHand(store, { initialEventIterator: latest() });

        expect((await byHand.attempt(1)).event.seqNum).toBe(first);
      },
    );

    test('keeps what it has not handled from garbage collection, though it is stopped', async () => {
      const time = new VirtualTime();
      const store = await openJobs(open, 3, { scheduler: time, gcAgeThreshold: 1000 });
      const { byHand, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);
      const stopped = watcher.stop();
      finish();
      await stopped;
      time.set(5000);

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 2 });
    });

    test('stores nothing if it is to begin at an event that is gone', async () => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.collectGarbage();

      const { watcher } = watchByHand(store, { initialEventIterator: afterSequenceNumber(0) });

      expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(await checkpointOf(store)).toBeUndefined();
    });

    test('fails if its checkpoint lies beyond the log', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('w', 3);

      const { watcher } = watchByHand(store);

      expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(CheckpointError);
    });
  });
