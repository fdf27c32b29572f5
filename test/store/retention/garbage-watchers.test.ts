import { createManager, latest, type WatcherOptions, watch } from 'rx-watcher';
import { EMPTY, firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { passEverything } from '../../../src/testing/conformance/support/pass-everything.ts';
import { created, request, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { onEachEngine } from '../../support/each-engine.ts';
import { nextTurn } from '../../support/next-turn.ts';

describe('garbage collection', () => {
  onEachEngine((open) => {
    /** Creates a store of ten events that are older than gcAgeThreshold and passed by every checkpoint. */
    const tenOldEvents = async () => {
      const time = new VirtualClock();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      await store.storeEvents([...span(1, 9).map(created), request('CREATE', 'Node')]);
      await passEverything(store);
      time.set(5000);
      const manager = createManager(store);
      /** Starts a watcher and waits until it has requested events. */
      const start = async (id: string, options: WatcherOptions = {}) => {
        const byHand = new ManualHandler();
        const watcher = manager.create(id, { handler: byHand.handler, autoStart: true, ...options });
        while (watcher.stats().lastListenTime === undefined) await nextTurn();
        return { watcher, byHand };
      };
      const collect = async () => (await store.collectGarbage()).oldestSeqNum;
      return { time, store, start, collect };
    };

    test.each<[string, WatcherOptions]>([
      ['an ephemeral watcher', { ephemeral: true }],
      ['an ephemeral watcher that reads two events at a time', { ephemeral: true, batchSize: 2 }],
    ])('garbage collection keeps the event in flight and all later events of %s', async (_name, options) => {
      const { start, collect } = await tenOldEvents();
      const { byHand } = await start('w', options);

      expect(await collect()).toBe(1);
      byHand.finish();
      expect(await collect()).toBe(2);
      for (const _ of span(2, 6)) byHand.finish();
      expect(byHand.seqNums).toEqual(span(1, 7));
      expect(await collect()).toBe(7);
    });

    test('garbage collection keeps an event between its retries, so that a restarted watcher can handle this event', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { initialBackoff: 1000 });
      byHand.fail(new Error('not now'));
      await collect();
      await watcher.stop();

      watcher.start();
      while (!byHand.isBusy) await nextTurn();

      expect(byHand.seqNums).toEqual([1, 1]);
    });

    test('garbage collection keeps the event in flight of an ephemeral watcher until the watcher has stopped', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { ephemeral: true });
      const stopped = watcher.stop();
      expect(await collect()).toBe(1);

      byHand.finish();
      await stopped;

      expect(await collect()).toBe(11);
    });

    test('garbage collection keeps the events that the slowest of several ephemeral watchers has not handled', async () => {
      const { start, collect } = await tenOldEvents();
      const slow = await start('slow', { ephemeral: true });
      const quick = await start('quick', { ephemeral: true });
      for (const _ of span(1, 5)) quick.byHand.finish();
      slow.byHand.finish();

      expect(await collect()).toBe(2);
      for (const _ of span(2, 9)) slow.byHand.finish();
      expect(await collect()).toBe(6);
    });

    test('garbage collection keeps the events of a watcher that is started during the run of garbage collection', async () => {
      const { start, collect } = await tenOldEvents();

      const oldest = collect();
      const { watcher, byHand } = await start('w', { ephemeral: true, batchSize: 2 });
      // A memory store has already deleted all events, because its garbage collection runs within the call. In this case,
      // the watcher starts after event 10.
      const from = byHand.seqNums[0] ?? 11;

      expect(await oldest).toBeLessThanOrEqual(from);
      for (const _ of span(from, 10)) byHand.finish();
      expect(byHand.seqNums).toEqual(span(from, 10));
      expect(watcher.stats().state).toBe('running');
    });

    test('garbage collection deletes the events before the position of a watcher that starts at latest()', async () => {
      const { store, time, start, collect } = await tenOldEvents();
      const { byHand } = await start('w', { ephemeral: true, initialEventIterator: latest() });
      expect(await collect()).toBe(11);

      await store.storeEvents([created(11), created(12)]);
      time.advanceBy(5000);
      expect(await collect()).toBe(11);
      byHand.finish();
      time.advanceBy(0); // After a long time, the page loop yields to the event loop. Run the timer that continues the loop.
      expect(await collect()).toBe(12);
    });

    test('garbage collection deletes all events if a watcher has processed all of them, and counts excluded events as processed', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { ephemeral: true, filter: { objectTypes: ['Job'] } });
      for (const _ of span(1, 9)) byHand.finish();

      expect(watcher.stats().handled).toBe(9);
      expect(await collect()).toBe(11);
    });

    test('garbage collection keeps the events that a subscription to watch has not processed, until its unsubscription', async () => {
      const { store, collect } = await tenOldEvents();
      const watching = watch(store, 'w', { ephemeral: true, handler: () => NEVER }).subscribe();
      expect(await collect()).toBe(1);

      watching.unsubscribe();

      expect(await collect()).toBe(11);
    });

    test('garbage collection deletes the events of a watcher that has failed', async () => {
      const { store, collect } = await tenOldEvents();
      await store.storeCheckpoint('w', 99);
      const error = await firstValueFrom(watch(store, 'w', { handler: () => EMPTY })).catch(
        (thrown) => thrown,
      );

      expect(error).toMatchObject({ code: 'ERR_CHECKPOINT' });
      expect(await collect()).toBe(11);
    });
  });
});
