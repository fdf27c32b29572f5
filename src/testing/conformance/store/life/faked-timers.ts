import { asyncScheduler, count, last, lastValueFrom, map, take } from 'rxjs';
import { createManager, trimHorizon, watch } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const TIMERS = ['setImmediate', 'setTimeout', 'setInterval'] as const;

/** Replaces global timers by timers that never fire. Returns a function that restores them. */
function fakeTimers(names: readonly ((typeof TIMERS)[number] | 'queueMicrotask')[]): () => void {
  const real = names.map((name) => [name, globalThis[name]] as const);
  const fakes = names.map((name) => [name, () => ({ unref: () => ({}) })] as const);
  Object.assign(globalThis, Object.fromEntries(fakes));
  return () => void Object.assign(globalThis, Object.fromEntries(real));
}

export const describeFakedTimers = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('global timers that a test has replaced by fakes', () => {
    // The global `queueMicrotask` stays real if reads are asynchronous, because the client library of the engine can need it.
    const names = supports.synchronousReads ? (['queueMicrotask', ...TIMERS] as const) : TIMERS;

    test('a store can write, replay and close while a test has faked the global timers', async () => {
      const store = await open({ scheduler: asyncScheduler });
      await store.storeEvent(created(1));
      const restoreTimers = fakeTimers(names);
      try {
        await store.storeEvents(span(1, 1500).map(created));
        await store.storeEvent(created(1));
        await store.storeCheckpoint('w', 1);
        expect(await lastValueFrom(store.events(trimHorizon(), { live: false }).pipe(count()))).toBe(1502);
        await store.close();
      } finally {
        restoreTimers();
      }
    });

    test('a watcher of a manager handles events while a test has faked the global timers', async () => {
      const store = await open({ scheduler: asyncScheduler });
      const restoreTimers = fakeTimers(names);
      try {
        const watcher = createManager(store).create('w', { handler: () => undefined, autoStart: true });
        await store.storeEvent(created(1));
        expect(await lastValueFrom(watcher.whenProcessed(1))).toBe(1);
        await watcher.stop();
      } finally {
        restoreTimers();
      }
    });

    test('watchers that replay with faked timers do not delay watchers that start after the real timers are restored', async () => {
      const store = await open({ scheduler: asyncScheduler });
      await store.storeEvents(span(1, 1000).map(created));
      const restoreTimers = fakeTimers(names);
      const replaying = ['a', 'b'].map((id) => watch(store, id, { handler: () => undefined }).subscribe());
      restoreTimers();
      const replays = ['c', 'd'].map((id) => {
        const outcomes$ = watch(store, id, { handler: () => undefined });
        return lastValueFrom(
          outcomes$.pipe(
            take(1000),
            last(),
            map(({ seqNum }) => seqNum),
          ),
        );
      });

      expect(await Promise.all(replays)).toEqual([1000, 1000]);
      for (const subscription of replaying) subscription.unsubscribe();
    });
  });
