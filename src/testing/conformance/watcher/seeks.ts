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

/** Where a watcher is sent, on the store under test. */
export const describeWatchingSeeks = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher', () => {
    test('fails if what follows its checkpoint is gone, and goes on where it is sent', async () => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeCheckpoint('w', 1);
      await store.collectGarbage();
      const { byHand, watcher } = watchByHand(store);

      const { lastError } = await statsIn(watcher, 'failed');
      expect(lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(lastError).toMatchObject({ requested: 1, oldest: 4 });
      await watcher.seek(trimHorizon());
      await byHand.finish(1, 2);

      expect(byHand.seqNums).toEqual([4, 5]);
    });

    test.each<[string, EventIterator, number, number]>([
      ['back to a number', afterSequenceNumber(1), 2, 1],
      ['back to the beginning', trimHorizon(), 1, 0],
      ['on, to a number', afterSequenceNumber(4), 5, 4],
      ['to a place by its number', atSequenceNumber(4), 4, 3],
    ])(
      'can be sent %s: it goes on there, and so does its checkpoint',
      async (_where, target, first, seqNum) => {
        const store = await openJobs(open, 5);
        const { byHand, watcher } = watchByHand(store);
        await byHand.finish(1, 2);
        const inHand = await byHand.attempt(3);

        const sought = watcher.seek(target);
        await statsIn(watcher, 'stopping');
        inHand.finish();
        await sought;

        expect((await byHand.attempt(4)).event.seqNum).toBe(first);
        expect(await checkpointOf(store)).toBe(seqNum);
      },
    );

    test.each<[string, EventIterator]>([
      ['a number', afterSequenceNumber(0)],
      ['an event by its number', atSequenceNumber(2)],
    ])('cannot be sent to what is gone, and goes on as if nothing were: %s', async (_what, target) => {
      const store = await open({ retention: { maxEvents: 2 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeCheckpoint('w', 3);
      await store.collectGarbage();
      const { byHand, watcher } = watchByHand(store);
      await byHand.attempt(1);

      expect(await failureOf(watcher.seek(target))).toBeInstanceOf(SequenceTrimmedError);
      expect(await checkpointOf(store)).toBe(3);
      await byHand.finish(1, 2);

      expect(byHand.seqNums).toEqual([4, 5]);
    });

    test.each([false, true])(
      'goes on as before if its target is trimmed during the attempt in flight; paused: %s',
      async (isPaused) => {
        const store = await openJobs(open, 5, { retention: { maxEvents: 3 } });
        const { byHand, watcher } = watchByHand(store);
        await byHand.finish(1, 2);
        const { finish } = await byHand.attempt(3);
        if (isPaused) watcher.pause();

        const sought = failureOf(watcher.seek(afterSequenceNumber(0)));
        await statsIn(watcher, 'stopping');
        await store.collectGarbage();
        finish();

        expect(await sought).toBeInstanceOf(SequenceTrimmedError);
        expect(await checkpointOf(store)).toBe(3);
        await statsIn(watcher, isPaused ? 'paused' : 'running');
        if (isPaused) watcher.resume();
        await byHand.finish(4, 5);
        expect(byHand.seqNums).toEqual(span(1, 5));
      },
    );

    test('takes effect at once: what was waiting behind the attempt in flight is not handed over', async () => {
      const store = await openJobs(open, 4);
      const { byHand, watcher } = watchByHand(store);
      const { finish } = await byHand.attempt(1);

      const sought = watcher.seek(afterSequenceNumber(3));
      finish();
      await sought;
      await byHand.attempt(2);

      expect(byHand.seqNums).toEqual([1, 4]);
    });

    test('that was sent to the latest is given only what is stored then', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = watchByHand(store);
      (await byHand.attempt(1)).finish();
      const inHand = await byHand.attempt(2);

      const sought = watcher.seek(latest());
      await statsIn(watcher, 'stopping');
      inHand.finish();
      await sought;
      await store.storeEvent(created(4));
      await byHand.finish(3);

      expect(byHand.seqNums).toEqual([1, 2, 4]);
    });
  });
