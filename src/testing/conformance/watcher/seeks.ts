import {
  afterSequenceNumber,
  atSequenceNumber,
  type EventIterator,
  latest,
  SequenceTrimmedError,
  trimHorizon,
} from '../../../index.ts';
import { failureOf } from '../support/fault-paths.ts';
import { created, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, openJobs, statsIn, watchByHand } from '../support/watched.ts';

export const describeWatchingSeeks = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher that seeks', () => {
    test('a watcher that has failed because events after its checkpoint were deleted continues at the target of a seek', async () => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeCheckpoint('w', 1);
      await store.collectGarbage();
      const { byHand, watcher } = watchByHand(store);

      const { lastError } = await statsIn(watcher, 'failed');
      expect(lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(lastError).toMatchObject({ requested: 1, oldest: 4 });
      await watcher.seek(trimHorizon());
      await byHand.finishAttempts(1, 2);

      expect(byHand.seqNums).toEqual([4, 5]);
    });

    test.each<[string, EventIterator, number, number]>([
      ['after an earlier number', afterSequenceNumber(1), 2, 1],
      ['at the trim horizon', trimHorizon(), 1, 0],
      ['after a later number', afterSequenceNumber(4), 5, 4],
      ['at an event by its number', atSequenceNumber(4), 4, 3],
    ])(
      'a watcher moves its checkpoint to the target of a seek and continues %s',
      async (_name, target, first, seqNum) => {
        const store = await openJobs(open, 5);
        const { byHand, watcher } = watchByHand(store);
        await byHand.finishAttempts(1, 2);
        const inFlight = await byHand.attempt(3);

        const seeking = watcher.seek(target);
        await statsIn(watcher, 'stopping');
        inFlight.finish();
        await seeking;

        expect((await byHand.attempt(4)).event.seqNum).toBe(first);
        expect(await checkpointOf(store)).toBe(seqNum);
      },
    );

    test.each<[string, EventIterator]>([
      ['after a number', afterSequenceNumber(0)],
      ['at an event by its number', atSequenceNumber(2)],
    ])('a watcher continues as before if the target of a seek was deleted: %s', async (_name, target) => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeCheckpoint('w', 3);
      await store.collectGarbage();
      const { byHand, watcher } = watchByHand(store);
      await byHand.attempt(1);

      expect(await failureOf(watcher.seek(target))).toBeInstanceOf(SequenceTrimmedError);
      expect(await checkpointOf(store)).toBe(3);
      await byHand.finishAttempts(1, 2);

      expect(byHand.seqNums).toEqual([4, 5]);
    });

    test.each([false, true])(
      'a watcher continues as before if the target of a seek is trimmed while an attempt is in flight (paused: %s)',
      async (isPaused) => {
        const store = await openJobs(open, 5, { retention: { maxEvents: 3 } });
        const { byHand, watcher } = watchByHand(store);
        await byHand.finishAttempts(1, 2);
        const { finish } = await byHand.attempt(3);
        if (isPaused) watcher.pause();

        const seeking = failureOf(watcher.seek(afterSequenceNumber(0)));
        await statsIn(watcher, 'stopping');
        await store.collectGarbage();
        finish();

        expect(await seeking).toBeInstanceOf(SequenceTrimmedError);
        expect(await checkpointOf(store)).toBe(3);
        await statsIn(watcher, isPaused ? 'paused' : 'running');
        if (isPaused) watcher.resume();
        await byHand.finishAttempts(4, 5);
        expect(byHand.seqNums).toEqual(span(1, 5));
      },
    );

    test('a watcher does not deliver the events that waited for the attempt in flight during a seek', async () => {
      const store = await openJobs(open, 4);
      const { byHand, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);

      const seeking = watcher.seek(afterSequenceNumber(3));
      finish();
      await seeking;
      await byHand.attempt(2);

      expect(byHand.seqNums).toEqual([1, 4]);
    });

    test('a watcher handles only later events after a seek to latest()', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = watchByHand(store);
      (await byHand.attempt(1)).finish();
      const inFlight = await byHand.attempt(2);

      const seeking = watcher.seek(latest());
      await statsIn(watcher, 'stopping');
      inFlight.finish();
      await seeking;
      await store.storeEvent(created(4));
      await byHand.finishAttempts(3);

      expect(byHand.seqNums).toEqual([1, 2, 4]);
    });
  });
