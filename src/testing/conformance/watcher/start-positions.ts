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
import { VirtualClock } from '../support/virtual-clock.ts';
import { caughtUp, checkpointOf, openJobs, statsIn, watchByHand } from '../support/watched.ts';

const positions: readonly [string, EventIterator, number][] = [
  ['trimHorizon()', trimHorizon(), 1],
  ['latest()', latest(), 5],
  ['atSequenceNumber(3)', atSequenceNumber(3), 3],
  ['afterSequenceNumber(3)', afterSequenceNumber(3), 4],
  ['atTimestamp(new Date(0)), the timestamp of the first event', atTimestamp(new Date(0)), 1],
];

export const describeStartPositions = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher that starts', () => {
    test.each(positions)(
      'a watcher without a checkpoint begins at %s',
      async (_name, initialEventIterator, first) => {
        const store = await openJobs(open, 4);
        const { byHand, watcher } = watchByHand(store, { initialEventIterator });
        // Wait until the watcher has resolved its position, so that event 5 is a new event for `latest`, too.
        await Promise.race([byHand.attempt(1), caughtUp(watcher)]);
        await store.storeEvent(created(5));

        await byHand.finishAttempts(1, 6 - first);

        expect(byHand.seqNums).toEqual(span(first, 5));
      },
    );

    test.each(positions)(
      'a watcher continues after its checkpoint even if its initialEventIterator is %s',
      async (_name, initialEventIterator) => {
        const store = await openJobs(open, 4);
        await store.storeCheckpoint('w', 1);

        const { byHand } = watchByHand(store, { initialEventIterator });
        await byHand.finishAttempts(1, 3);

        expect(byHand.seqNums).toEqual([2, 3, 4]);
      },
    );

    test('a watcher begins with the first event if its checkpoint is 0', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('w', 0);

      const { byHand } = watchByHand(store, { initialEventIterator: latest() });

      expect((await byHand.attempt(1)).event.seqNum).toBe(1);
    });

    test.each(positions)(
      'a watcher stores the start position %s, at which the next start continues even if no event was handled',
      async (_name, initialEventIterator, first) => {
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

    test('a watcher protects unprocessed events from garbage collection, even after it has stopped', async () => {
      const time = new VirtualClock();
      const store = await openJobs(open, 3, { scheduler: time, gcAgeThreshold: 1000 });
      const { byHand, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);
      const stopped = watcher.stop();
      finish();
      await stopped;
      time.set(5000);

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 2 });
    });

    test('a watcher fails and stores no checkpoint if the event of initialEventIterator was deleted', async () => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.collectGarbage();

      const { watcher } = watchByHand(store, { initialEventIterator: afterSequenceNumber(0) });

      expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(await checkpointOf(store)).toBeUndefined();
    });

    test('a watcher fails if its checkpoint is after the end of the log', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('w', 3);

      const { watcher } = watchByHand(store);

      expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(CheckpointError);
    });
  });
