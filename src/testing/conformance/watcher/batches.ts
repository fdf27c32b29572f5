import { asyncScheduler } from 'rxjs';
import { createManager } from '../../../index.ts';
import { seqNums, span } from '../support/requests.ts';
import type { StoreSuite } from '../support/suite.ts';
import { nextOutcomes, openJobs, passed } from '../support/watched.ts';

export const describeWatchingInBatches = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a watcher with a batch handler', () => {
    test('a batch handler receives at most maxBatch events in each call, in order', async () => {
      const store = await openJobs(open, 7, { scheduler: asyncScheduler });
      const batches: (readonly number[])[] = [];
      const watcher = createManager(store).create('w', {
        batchHandler: (events) => void batches.push(seqNums(events)),
        maxBatch: 3,
        autoStart: true,
      });

      await passed(watcher, 7);

      expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    });

    test('a batch handler that returns lastHandledSeqNum receives the events after this number again', async () => {
      const store = await openJobs(open, 4, { scheduler: asyncScheduler });
      const batches: (readonly number[])[] = [];
      const watcher = createManager(store).create('w', {
        batchHandler(events) {
          batches.push(seqNums(events));
          return batches.length === 1 ? { lastHandledSeqNum: 3 } : undefined;
        },
      });
      const handled = nextOutcomes(watcher.outcomes$, 4);
      watcher.start();

      expect(await handled).toEqual(span(1, 4).map((n) => [n, 'handled', 1]));
      expect(batches).toEqual([span(1, 4), [4]]);
    });
  });
