import {
  afterSequenceNumber,
  createManager,
  type EventStore,
  SequenceTrimmedError,
  type StoreOptions,
} from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/testing/conformance/fault-paths.ts';
import { readAll, readPage } from '../../src/testing/conformance/read-all.ts';
import { created, request, seqNums, span } from '../../src/testing/conformance/requests.ts';
import { VirtualTime } from '../../src/testing/conformance/virtual-time.ts';
import { ByHand } from '../watcher/by-hand.ts';
import { onEachEngine } from './each-engine.ts';

const letters = (bytes: number) => request('CREATE', 'Text', 'x'.repeat(bytes));

describe('a hard cap', () => {
  onEachEngine((open) => {
    const capped = async (count: number, options: StoreOptions) => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 0, ...options });
      await store.storeEvents(span(1, count).map(created));
      return { time, store };
    };
    const left = async (store: EventStore) => seqNums(await readAll(store));

    test.each([
      [10, 1],
      [9, 2],
      [3, 8],
      [1, 10],
      [0, 11],
    ])('of %i events is met, however young they are', async (maxEvents, oldest) => {
      const { store } = await capped(10, { retention: { maxEvents } });

      expect(await store.collectGarbage()).toEqual({ deleted: oldest - 1, oldestSeqNum: oldest });
      expect(await left(store)).toEqual(span(oldest, 10));
    });

    test('of events is met exactly, in a log of many chunks', async () => {
      const { store } = await capped(5000, { retention: { maxEvents: 1234 } });

      expect(await store.collectGarbage()).toEqual({ deleted: 3766, oldestSeqNum: 3767 });
      await store.storeEvents([created(5001), created(5002)]);
      expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 3769 });
    });

    test('of bytes is met, and leaves what there is room for', async () => {
      const { store } = await capped(0, { retention: { maxBytes: 100_000 } });
      for (const _ of span(1, 20)) await store.storeEvent(letters(10_000));

      const { oldestSeqNum } = await store.collectGarbage();

      const held = 21 - oldestSeqNum;
      expect(held * 10_000).toBeLessThanOrEqual(100_000);
      expect(held).toBeGreaterThanOrEqual(5);
      expect(await store.collectGarbage()).toEqual({ deleted: 0, oldestSeqNum });
    });

    test('of bytes lets the newest go too, if it alone is too large', async () => {
      const { store } = await capped(0, { retention: { maxBytes: 50_000 } });
      await store.storeEvents(span(1, 5).map(created));
      await store.storeEvent(letters(200_000));

      expect(await store.collectGarbage()).toEqual({ deleted: 6, oldestSeqNum: 7 });
      expect((await store.storeEvent(created(7))).seqNum).toBe(7);
    });

    test('heeds neither a checkpoint of 0 nor a watcher that is stuck: it fails, and can begin anew', async () => {
      const { store } = await capped(10, { retention: { maxEvents: 4 } });
      const byHand = new ByHand();
      await store.storeCheckpoint('gone', 0);
      const watcher = createManager(store).create('w', {
        handler: byHand.handler,
        batchSize: 2,
        checkpoint: 'manual',
        autoStart: true,
      });

      expect(await store.collectGarbage()).toEqual({ deleted: 6, oldestSeqNum: 7 });
      byHand.finish();
      byHand.finish();

      expect(byHand.seqNums).toEqual([1, 2]);
      expect(watcher.stats().state).toBe('failed');
      expect(watcher.stats().lastError).toBeInstanceOf(SequenceTrimmedError);
      expect(watcher.stats().lastError).toMatchObject({ requested: 2, oldest: 7 });
      await watcher.seekToOffset(6);
      expect(byHand.seqNums).toEqual([1, 2, 7]);
    });

    test('gives a reader who falls below it a SequenceTrimmedError', async () => {
      const { store } = await capped(10, { retention: { maxEvents: 4 } });
      const { nextEventIterator } = await readPage(store, afterSequenceNumber(0), { limit: 3 });

      await store.collectGarbage();

      expect(await failureOf(readPage(store, nextEventIterator))).toEqual(new SequenceTrimmedError(3, 7));
    });

    test('beside an age: what is old goes from below the cap too, if nobody needs it', async () => {
      const { time, store } = await capped(10, { gcAgeThreshold: 1000, retention: { maxEvents: 8 } });
      await store.storeCheckpoint('w', 5);
      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 3 });

      time.set(5000);

      expect(await store.collectGarbage()).toMatchObject({ oldestSeqNum: 6 });
      expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(5);
    });
  });
});
