import { firstValueFrom, map, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/event/event.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillKeys, keyOf } from '../../support/watcher/fill.ts';
import { undecodableStore } from '../../support/watcher/log-stores.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';

/** Starts a keyed watcher that gives an event up after one attempt. */
function startKeyed(store: EventStore, options: WatcherOptions) {
  const byHand = new ManualHandler();
  const base = { handler: byHand.handler, keyOf, concurrency: 3, maxRetries: 0 };
  const watcher = createWithSyncStart(store, 'w', { ...base, ...options });
  const outcomes: string[] = [];
  watcher.outcomes$.subscribe(({ seqNum, status }) => outcomes.push(`${seqNum} ${status}`));
  watcher.start();
  const stored = async () => {
    await nextTurn();
    return firstValueFrom(store.getCheckpoint('w'));
  };
  return { byHand, watcher, outcomes, stored };
}

const storeOf = (keys: string): EventStore => {
  const store = createMemoryStore({ scheduler: new VirtualClock() });
  fillKeys(store, keys);
  return store;
};

describe('a keyed watcher that gives an event up', () => {
  it('a keyed watcher delivers the next event of the same key after a skipped event', async () => {
    const all = startKeyed(storeOf('aab'), { retryStrategy: 'skip' });
    all.byHand.fail(new Error('no'), 1);
    expect(all.outcomes).toEqual(['1 skipped']);
    expect(all.byHand.inFlight).toEqual([3, 2]);
    all.byHand.finish(2);
    expect(await all.stored()).toBe(2);
    all.byHand.finish(3);
    expect(await all.stored()).toBe(3);
  });

  it('a keyed watcher that fails with retryStrategy stop stores the number before the first event in flight as its checkpoint', async () => {
    const all = startKeyed(storeOf('abc'), { retryStrategy: 'stop' });
    all.byHand.finish(1);
    all.byHand.fail(new Error('no'), 3);
    expect(all.watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 3 } });
    expect(all.byHand.aborted).toEqual([2]);
    expect(await all.stored()).toBe(1);
    all.watcher.start();
    expect(all.byHand.seqNums).toEqual([1, 2, 3, 2, 3]);
  });

  it('a keyed watcher stores a checkpoint together with a dead letter only if no earlier event is in flight', async () => {
    const store = storeOf('abc');
    const all = startKeyed(store, { retryStrategy: 'deadLetter' });
    const deadLetters = () =>
      firstValueFrom(
        store.deadLetters('w').pipe(
          map(({ seqNum }) => seqNum),
          toArray(),
        ),
      );
    all.byHand.fail(new Error('no'), 2);
    expect((await all.stored()) ?? 0).toBe(0);
    expect(await deadLetters()).toEqual([2]);
    all.byHand.fail(new Error('no'), 1);
    expect(await all.stored()).toBe(2);
    expect(await deadLetters()).toEqual([1, 2]);
    expect(all.outcomes).toEqual(['2 skipped', '1 skipped']);
  });
});

describe('a keyed watcher with a keyOf that throws for an event', () => {
  const strict = (event: Event): string => {
    if (keyOf(event) === '?') throw new Error('no key');
    return keyOf(event);
  };

  it('an event for which keyOf throws is skipped after all earlier events are settled and before any later event is delivered', async () => {
    const all = startKeyed(storeOf('ab?ab'), { keyOf: strict, retryStrategy: 'skip' });
    expect(all.byHand.inFlight).toEqual([1, 2]);
    all.byHand.finish(1, 2);
    expect(all.outcomes).toEqual(['1 handled', '2 handled', '3 skipped']);
    expect(all.byHand.inFlight).toEqual([4, 5]);
    expect(all.watcher.stats()).toMatchObject({
      state: 'running',
      lastError: { seqNum: 3, attempts: 1, cause: new Error('no key') },
    });
  });

  it('a keyed watcher with retryStrategy deadLetter stores a dead letter of an event for which keyOf throws', async () => {
    const store = storeOf('a?');
    const all = startKeyed(store, { keyOf: strict, retryStrategy: 'deadLetter' });
    all.byHand.finish(1);
    expect(await all.stored()).toBe(2);
    expect(await firstValueFrom(store.deadLetters('w'))).toMatchObject({ seqNum: 2, attempts: 1 });
  });

  it('a keyed watcher with retryStrategy stop fails if keyOf throws for an event, and keeps its checkpoint before that event', async () => {
    const all = startKeyed(storeOf('a?b'), { keyOf: strict, retryStrategy: 'stop' });
    all.byHand.finish(1);
    expect(all.watcher.stats()).toMatchObject({ state: 'failed', lastError: { seqNum: 2 } });
    expect(await all.stored()).toBe(1);
  });

  it('a keyed watcher with retryStrategy block calls keyOf again after an error, and delivers the event when keyOf returns a key', () => {
    const clock = new VirtualClock();
    const store = createMemoryStore({ scheduler: clock });
    fillKeys(store, 'a?b');
    let calls = 0;
    const healing = (event: Event): string =>
      keyOf(event) === '?' && ++calls < 4 ? strict(event) : keyOf(event);
    const all = startKeyed(store, { keyOf: healing, initialBackoff: 10 });
    all.byHand.finish(1);
    clock.advanceBy(29);
    expect(all.byHand.inFlight).toEqual([]);
    clock.advanceBy(1);
    expect(all.byHand.inFlight).toEqual([2]);
    all.byHand.finish(2);
    expect(all.byHand.inFlight).toEqual([3]);
  });

  it('a stop of a keyed watcher waits for the attempts in flight, but not for an event for which keyOf throws', async () => {
    const all = startKeyed(storeOf('a?'), { keyOf: strict });
    const stopped = all.watcher.stop();
    all.byHand.finish(1);
    await stopped;
    expect(all.watcher.stats()).toMatchObject({ state: 'stopped', handled: 1 });
  });
});

describe('a keyed watcher of an event that cannot be decoded', () => {
  const unreadable = () => undecodableStore(new VirtualClock(), 'Job', 'Run', 'Bad', 'Job', 'Run');
  const options = { keyOf: ({ objectType }: { objectType: string }) => objectType };

  it('an event that cannot be decoded is skipped after all earlier events are settled and before any later event is delivered', async () => {
    const all = startKeyed(unreadable(), { ...options, retryStrategy: 'skip' });
    expect(all.byHand.inFlight).toEqual([1, 2]);
    all.byHand.finish(1);
    expect(all.outcomes).toEqual(['1 handled']);
    all.byHand.finish(2);
    expect(all.outcomes).toEqual(['1 handled', '2 handled', '3 skipped']);
    expect(all.byHand.inFlight).toEqual([4, 5]);
    expect(await all.stored()).toBe(3);
  });

  it('a stop of a keyed watcher waits for the attempts in flight, but not for an event that cannot be decoded', async () => {
    const all = startKeyed(unreadable(), options);
    const stopped = all.watcher.stop();
    all.byHand.finish(1, 2);
    await stopped;
    expect(all.watcher.stats()).toMatchObject({ state: 'stopped', handled: 2, skipped: 0 });
    expect(await all.stored()).toBe(2);
  });
});
