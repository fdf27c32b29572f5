import { CheckpointError } from '../../../index.ts';
import { failureOf } from '../support/fault-paths.ts';
import type { StoreSuite } from '../support/suite.ts';
import { checkpointOf, openJobs, passed, watchByHand } from '../support/watched.ts';

export const describeWatchingCheckpointKinds = ({ describe, expect, test, open }: StoreSuite) =>
  describe('the checkpoint of a manual or ephemeral watcher', () => {
    test('a manual checkpoint moves only by checkpoint(), and never to a lower number or to an event that was not delivered', async () => {
      const store = await openJobs(open, 3);
      const { byHand, watcher } = watchByHand(store, { checkpoint: 'manual' });
      await byHand.finishAttempts(1);
      await byHand.attempt(2);
      expect(await checkpointOf(store)).toBe(0);

      await watcher.checkpoint(2);
      expect(await checkpointOf(store)).toBe(2);
      for (const invalid of [1, 3]) {
        expect(await failureOf(watcher.checkpoint(invalid))).toBeInstanceOf(CheckpointError);
      }
      const stopped = watcher.stop();
      await byHand.finishAttempts(2);
      await stopped;

      expect(await checkpointOf(store)).toBe(2);
    });

    test('the checkpoint of an ephemeral watcher is neither read nor written', async () => {
      const store = await openJobs(open, 2);
      await store.storeCheckpoint('w', 1);
      const { byHand, watcher } = watchByHand(store, { ephemeral: true });
      await byHand.finishAttempts(1, 2);
      await passed(watcher, 2);

      await watcher.stop();

      expect(byHand.seqNums).toEqual([1, 2]);
      expect(await checkpointOf(store)).toBe(1);
    });
  });
