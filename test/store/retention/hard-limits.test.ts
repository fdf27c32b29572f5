import { afterSequenceNumber, createManager, SequenceTrimmedError, type StoreOptions } from 'rx-watcher';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { readPage } from '../../../src/testing/conformance/support/read-all.ts';
import { created, request, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { onEachEngine } from '../../support/each-engine.ts';
import { nextTurn } from '../../support/next-turn.ts';

const textOfSize = (bytes: number) => request('CREATE', 'Text', 'x'.repeat(bytes));

describe('a hard limit of the option retention', () => {
  onEachEngine((open) => {
    const limited = async (count: number, options: StoreOptions) => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 0, ...options });
      await store.storeEvents(span(1, count).map(created));
      return { time, store };
    };

    test('the limit retention.maxBytes deletes no more events than needed', async () => {
      const { store } = await limited(0, { retention: { maxBytes: 100_000 } });
      for (const _ of span(1, 20)) await store.storeEvent(textOfSize(10_000));

      const { oldestSeqNum } = await store.collectGarbage();

      const count = 21 - oldestSeqNum;
      expect(count * 10_000).toBeLessThanOrEqual(100_000);
      expect(count).toBeGreaterThanOrEqual(5);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum });
    });

    test('the limit retention.maxBytes also deletes the newest event if that event alone exceeds the limit', async () => {
      const { store } = await limited(0, { retention: { maxBytes: 50_000 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeEvent(textOfSize(200_000));

      expect(await store.collectGarbage()).toEqual({ deleted: 6, oldestSeqNum: 7 });
      expect((await store.storeEvent(created(7))).seqNum).toBe(7);
    });

    test('a hard limit deletes events that a running watcher needs, after which the watcher fails until a seek', async () => {
      const { store } = await limited(10, { retention: { maxEvents: 4 } });
      const byHand = new ManualHandler();
      await store.storeCheckpoint('gone', 0);
      const watcher = createManager(store).create('w', {
        handler: byHand.handler,
        batchSize: 2,
        checkpoint: 'manual',
        autoStart: true,
      });
      while (!byHand.isBusy) await nextTurn();

      expect(await store.collectGarbage()).toEqual({ deleted: 6, oldestSeqNum: 7 });
      byHand.finish();
      byHand.finish();

      expect(byHand.seqNums).toEqual([1, 2]);
      expect(watcher.stats().state).toBe('failed');
      expect(watcher.stats().lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(watcher.stats().lastError).toMatchObject({ requested: 2, oldest: 7 });
      await watcher.seek(afterSequenceNumber(6));
      while (!byHand.isBusy) await nextTurn();
      expect(byHand.seqNums).toEqual([1, 2, 7]);
    });

    test('a read from an event that a hard limit has deleted fails with a SequenceTrimmedError', async () => {
      const { store } = await limited(10, { retention: { maxEvents: 4 } });
      const { nextEventIterator } = await readPage(store, afterSequenceNumber(0), { limit: 3 });

      await store.collectGarbage();

      expect(await failureOf(readPage(store, nextEventIterator))).toEqual(new SequenceTrimmedError(3, 7));
    });
  });
});
