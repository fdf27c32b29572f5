import { createManager, latest, type WatcherOptions, watch } from 'rx-watcher';
import { EMPTY, firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { passEverything } from '../../../src/testing/conformance/support/pass-everything.ts';
import { created, request, span } from '../../../src/testing/conformance/support/requests.ts';
import { VirtualTime } from '../../../src/testing/conformance/support/virtual-time.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { ByHand } from '../../watcher/by-hand.ts';
import { onEachEngine } from './each-engine.ts';

describe('garbage collection never overtakes a watcher of this process that runs', () => {
  onEachEngine((open) => {
    /** A store of ten events that are old enough to go. */
    const tenOldEvents = async () => {
      const time = new VirtualTime();
      const store = await open({ scheduler: time, gcAgeThreshold: 1000 });
      await store.storeEvents([...span(1, 9).map(created), request('CREATE', 'Node')]);
      await passEverything(store);
      time.set(5000);
      const manager = createManager(store);
      /** Starts a watcher, and waits until it has asked for events. */
      const start = async (id: string, options: WatcherOptions = {}) => {
        const byHand = new ByHand();
        const watcher = manager.create(id, { handler: byHand.handler, autoStart: true, ...options });
        while (watcher.stats().lastListenTime === undefined) await nextTurn();
        return { watcher, byHand };
      };
      const collect = async () => (await store.collectGarbage()).oldestSeqNum;
      return { time, store, start, collect };
    };

    test.each<[string, WatcherOptions]>([
      ['that is ephemeral', { ephemeral: true }],
      ['that is ephemeral and reads two at a time', { ephemeral: true, batchSize: 2 }],
    ])('%s: the event in hand and those after it stay', async (_name, options) => {
      const { start, collect } = await tenOldEvents();
      const { byHand } = await start('w', options);

      expect(await collect()).toBe(1);
      byHand.finish();
      expect(await collect()).toBe(2);
      for (const _ of span(2, 6)) byHand.finish();
      expect(byHand.seqNums).toEqual(span(1, 7));
      expect(await collect()).toBe(7);
    });

    test('and gets stuck at its first event: after a new start it is given that event again', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { initialBackoff: 1000 });
      byHand.fail(new Error('not now'));
      await collect();
      await watcher.stop();

      watcher.start();
      while (!byHand.isBusy) await nextTurn();

      expect(byHand.seqNums).toEqual([1, 1]);
    });

    test('until it is stopped', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { ephemeral: true });
      const stopped = watcher.stop();
      expect(await collect()).toBe(1);

      byHand.finish();
      await stopped;

      expect(await collect()).toBe(11);
    });

    test('the slowest of several counts', async () => {
      const { start, collect } = await tenOldEvents();
      const slow = await start('slow', { ephemeral: true });
      const quick = await start('quick', { ephemeral: true });
      for (const _ of span(1, 5)) quick.byHand.finish();
      slow.byHand.finish();

      expect(await collect()).toBe(2);
      for (const _ of span(2, 9)) slow.byHand.finish();
      expect(await collect()).toBe(6);
    });

    test('nor one that begins while it is at work', async () => {
      const { start, collect } = await tenOldEvents();

      const oldest = collect();
      const { watcher, byHand } = await start('w', { ephemeral: true, batchSize: 2 });
      // In memory it has done its work within the call.
      const from = byHand.seqNums[0] ?? 11;

      expect(await oldest).toBeLessThanOrEqual(from);
      for (const _ of span(from, 10)) byHand.finish();
      expect(byHand.seqNums).toEqual(span(from, 10));
      expect(watcher.stats().state).toBe('running');
    });

    test('that was told to begin at the latest, and so holds nothing', async () => {
      const { store, time, start, collect } = await tenOldEvents();
      const { byHand } = await start('w', { ephemeral: true, initialEventIterator: latest() });
      expect(await collect()).toBe(11);

      await store.storeEvents([created(11), created(12)]);
      time.advance(5000);
      expect(await collect()).toBe(11);
      byHand.finish();
      time.advance(0); // a loop that has run for so long takes a break
      expect(await collect()).toBe(12);
    });

    test('that has passed all, by its filter too, and so holds nothing', async () => {
      const { start, collect } = await tenOldEvents();
      const { watcher, byHand } = await start('w', { ephemeral: true, filter: { objectTypes: ['Job'] } });
      for (const _ of span(1, 9)) byHand.finish();

      expect(watcher.stats().handled).toBe(9);
      expect(await collect()).toBe(11);
    });

    test('that is a subscription to watch, until it is unsubscribed', async () => {
      const { store, collect } = await tenOldEvents();
      const watching = watch(store, 'w', { ephemeral: true, handler: () => NEVER }).subscribe();
      expect(await collect()).toBe(1);

      watching.unsubscribe();

      expect(await collect()).toBe(11);
    });

    test('though one that has ended with an error holds nothing', async () => {
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
