import { firstValueFrom, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CheckpointError, DeserializationError, StoreError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { afterSequenceNumber } from '../../../src/event/event-iterator.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { watch } from '../../../src/watcher/watch.ts';
import type { CreateWatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { statsIn, statsWhen, withSyncStart } from '../../support/watcher/managed-watcher.ts';
import { derivedFrom, JOBS, projecting, projection } from '../../support/watcher/projection.ts';

const checkpointIn = (store: EventStore) => note(store.getCheckpoint('w')).values[0];

/** Creates a projection of five events on a view of a store. `onCall` may use the watcher. */
function projectingOn(
  view: (store: EventStore) => EventStore,
  onCall?: (event: Event, watcher: Watcher) => unknown,
  options: CreateWatcherOptions = {},
) {
  const clock = new VirtualClock();
  const store = createMemoryStore({ scheduler: clock });
  fillUp(store, 5);
  const { calls, transactionHandler } = projection((event) => onCall?.(event, watcher));
  const watcher: Watcher = withSyncStart(
    store,
    createManager(view(store)).create('w', {
      transactionHandler,
      filter: JOBS,
      initialBackoff: 10,
      ...options,
    }),
  );
  const begin = () => {
    watcher.start();
    clock.advanceBy(0);
  };
  return { clock, store, watcher, calls, begin };
}

const unchanged = (store: EventStore) => store;

describe('the transaction of a watcher with a transaction handler', () => {
  it('a transaction ends after the event for which the handler stops the watcher', async () => {
    const all = projectingOn(unchanged, ({ seqNum }, watcher) => {
      if (seqNum === 2) void watcher.stop();
    });
    all.begin();
    await statsIn(all.watcher, 'stopped');
    expect([derivedFrom(all.store), checkpointIn(all.store)]).toEqual([[1, 2], 2]);

    all.begin();
    expect(derivedFrom(all.store)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a transaction ends after the event for which the handler pauses the watcher', () => {
    const { watcher, store, begin, clock } = projectingOn(unchanged, ({ seqNum }, { pause }) => {
      if (seqNum === 2) pause();
    });
    begin();
    expect([watcher.stats().state, derivedFrom(store)]).toEqual(['paused', [1, 2]]);

    watcher.resume();
    clock.advanceBy(0);
    expect([watcher.stats().state, derivedFrom(store)]).toEqual(['running', [1, 2, 3, 4, 5]]);
  });

  it('a stop ends a watcher even if its transaction handler has paused it in the middle of a batch', async () => {
    const { watcher, store, begin } = projectingOn(unchanged, ({ seqNum }, { pause }) => {
      if (seqNum === 2) pause();
    });
    begin();
    void watcher.stop();
    await statsIn(watcher, 'stopped');
    expect([derivedFrom(store), checkpointIn(store)]).toEqual([[1, 2], 2]);
  });

  /** Returns a view of a store in which each transaction begins only when the test calls `open`. */
  function gated() {
    const opened = new Subject<void>();
    const view = (store: EventStore): EventStore => ({
      ...store,
      async transaction(work) {
        await firstValueFrom(opened);
        return (store.transaction as NonNullable<EventStore['transaction']>)(work);
      },
    });
    return { view, open: () => opened.next() };
  }

  it('a pause before the transaction has begun prevents the call of the transaction handler', async () => {
    const { view, open } = gated();
    const { watcher, store, begin, clock } = projectingOn(view);
    begin();
    watcher.pause();
    open();
    await nextTurn();
    expect([watcher.stats().state, derivedFrom(store)]).toEqual(['paused', []]);

    watcher.resume();
    clock.advanceBy(0);
    open();
    await nextTurn();
    expect(derivedFrom(store)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a stop before the transaction has begun prevents the call of the transaction handler', async () => {
    const { view, open } = gated();
    const { watcher, store, begin } = projectingOn(view);
    begin();
    void watcher.stop();
    open();
    await statsIn(watcher, 'stopped');
    expect([derivedFrom(store), checkpointIn(store)]).toEqual([[], 0]);
  });

  it('a pause does not prevent a retry with a transaction that was already requested', async () => {
    const { view, open } = gated();
    let isBroken = true;
    const { watcher, store, begin, clock, calls } = projectingOn(view, () => {
      if (isBroken) throw new Error('not now');
    });
    begin();
    open();
    await nextTurn();
    isBroken = false;
    clock.advanceBy(10);
    watcher.pause();
    open();
    await nextTurn();
    expect([calls, derivedFrom(store), watcher.stats().handled]).toEqual([['1/1', '1/2'], [1], 1]);
  });

  it('a seek moves a watcher even if its transaction handler has paused it in the middle of a batch', async () => {
    const { watcher, store, begin, clock } = projectingOn(unchanged, ({ seqNum }, { pause }) => {
      if (seqNum === 2) pause();
    });
    begin();
    await watcher.seek(afterSequenceNumber(4));
    clock.advanceBy(0);
    expect(derivedFrom(store)).toEqual([1, 2, 5]);
  });

  it('a transaction ends after the event for which the handler unsubscribes from the watcher, and is committed', () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 5);
    const { transactionHandler } = projection(({ seqNum }) => {
      if (seqNum === 2) subscription.unsubscribe();
    });
    const clock = store.internals.scheduler as VirtualClock;
    const subscription = watch(store, 'w', { transactionHandler, filter: JOBS }).subscribe();
    clock.advanceBy(0);
    expect([derivedFrom(store), checkpointIn(store)]).toEqual([[1, 2], 2]);
  });

  it('a transaction does not begin if the subscriber of the watcher has unsubscribed', async () => {
    const store = createMemoryStore({ scheduler: new VirtualClock() });
    fillUp(store, 2);
    const { calls, transactionHandler } = projection();
    let begin = () => {};
    const late: EventStore = {
      ...store,
      transaction: (work) =>
        new Promise((resolve) => {
          begin = () => resolve(store.transaction?.(work) as never);
        }),
    };
    const subscription = watch(late, 'w', { transactionHandler, maxBatch: 1 }).subscribe();
    subscription.unsubscribe();
    begin();
    await nextTurn();
    expect([calls, checkpointIn(store)]).toEqual([[], 0]);
  });

  it('a transaction is repeated after a failure of the store, which does not count as an attempt', async () => {
    const failing = (store: EventStore) =>
      faultyStore(store, [{ method: 'transaction', calls: [1, 2], error: new StoreError('disk full') }]);
    const { watcher, store, calls, begin, clock } = projectingOn(failing);
    begin();
    await nextTurn();
    expect(watcher.stats().lastError).toMatchObject({ message: 'disk full' });
    clock.advanceBy(10);
    await nextTurn();
    clock.advanceBy(20);
    await nextTurn();
    clock.advanceBy(0);
    expect(calls).toEqual(['1/1', '2/1', '3/1', '4/1', '5/1']);
    expect(derivedFrom(store)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a transaction is repeated with the same attempt number if the store fails during a retry', async () => {
    const failing = (store: EventStore) =>
      faultyStore(store, [{ method: 'transaction', calls: 2, error: new StoreError('disk full') }]);
    let failures = 0;
    const { watcher, calls, begin, clock } = projectingOn(
      failing,
      () => {
        if (++failures === 1) throw new Error('not now');
      },
      { retryStrategy: 'skip', maxRetries: 1 },
    );
    begin();
    clock.advanceBy(10);
    await nextTurn();
    expect([calls, watcher.stats().lastError?.message]).toEqual([['1/1'], 'disk full']);
    clock.advanceBy(10);
    expect(calls).toEqual(['1/1', '1/2', '2/1', '3/1', '4/1', '5/1']);
    expect(watcher.stats()).toMatchObject({ handled: 5, skipped: 0 });
  });

  it('a transaction is abandoned without an outcome if the watcher stops while the store fails during a retry', async () => {
    const failing = (store: EventStore) =>
      faultyStore(store, [
        { method: 'transaction', calls: (call) => call > 1, error: new StoreError('disk full') },
      ]);
    const { watcher, store, begin, clock } = projectingOn(
      failing,
      () => {
        throw new Error('not now');
      },
      { retryStrategy: 'skip', maxRetries: 1, checkpointInterval: 0 },
    );
    begin();
    clock.advanceBy(10);
    await nextTurn();
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 0, skipped: 0 });
    expect(checkpointIn(store)).toBe(0);
  });

  it('a transaction does not begin, and the watcher fails, if another writer has moved the checkpoint', async () => {
    const { watcher, store, calls, begin } = projectingOn(unchanged);
    begin();
    await nextTurn();
    await store.storeCheckpoint('w', 3);
    calls.length = 0;
    fillUp(store, 1);
    (store.internals.scheduler as VirtualClock).advanceBy(0);

    const { lastError } = await statsIn(watcher, 'failed');

    expect(lastError).toBeInstanceOf(CheckpointError);
    expect(lastError?.message).toBe(
      "checkpoint of watcher 'w': must be 10, which this watcher has stored; found 3, which another writer has stored; " +
        'run a watcher in one process only, or use a lease',
    );
    expect([calls, checkpointIn(store)]).toEqual([[], 3]);
  });

  it('a transaction is not committed during a retry, and the watcher fails, if another writer has moved the checkpoint', async () => {
    const { watcher, store, begin, clock } = projectingOn(unchanged, () => {
      throw new Error('not now');
    });
    begin();
    await store.storeCheckpoint('w', 3);
    clock.advanceBy(10);
    expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(CheckpointError);
    expect(derivedFrom(store)).toEqual([]);
  });

  it('a checkpoint that another writer has moved is not replaced by a checkpoint past excluded events', async () => {
    const { watcher, store, begin, clock } = projectingOn(unchanged, undefined, { checkpointInterval: 50 });
    begin();
    await store.storeCheckpoint('w', 3);
    fill(store, 'Other');
    await nextTurn();
    clock.advanceBy(50);
    expect((await statsIn(watcher, 'failed')).lastError).toBeInstanceOf(CheckpointError);
    expect(checkpointIn(store)).toBe(3);
  });
});

describe('a watcher with a transaction handler', () => {
  it('a watcher with a transaction handler handles the events after the target of a seek again', async () => {
    const { store, watcher, calls, begin, clock } = projectingOn(unchanged);
    begin();
    calls.length = 0;
    const moved = watcher.seek(afterSequenceNumber(3));
    await statsWhen(watcher, ({ state }) => state === 'running');
    clock.advanceBy(0);
    await moved;
    clock.advanceBy(0);
    expect([calls, derivedFrom(store)]).toEqual([
      ['4/1', '5/1'],
      [1, 2, 3, 4, 5, 4, 5],
    ]);
  });

  it('a watcher commits the transaction in which its handler calls seek, and continues at the target', async () => {
    let isMoved = false;
    const { store, watcher, calls, begin, clock } = projectingOn(unchanged, ({ seqNum }, { seek }) => {
      if (seqNum !== 3 || isMoved) return;
      isMoved = true;
      void seek(afterSequenceNumber(1));
    });
    begin();
    await statsWhen(watcher, ({ state }) => state === 'running');
    await nextTurn();
    clock.advanceBy(0);
    expect(calls).toEqual(['1/1', '2/1', '3/1', '2/1', '3/1', '4/1', '5/1']);
    expect(derivedFrom(store)).toEqual([1, 2, 3, 2, 3, 4, 5]);
  });

  it('an event that cannot be decoded is retried, and is handled in a transaction when it can be decoded', async () => {
    const fault = () => new DeserializationError([], { seqNum: 3 });
    const undecodable = (store: EventStore) =>
      faultyStore(store, [{ method: 'getEvents', seqNum: 3, calls: (call) => call < 4, error: fault }]);
    const { watcher, store, calls, begin, clock } = projectingOn(undecodable);
    begin();
    await nextTurn();
    expect(derivedFrom(store)).toEqual([1, 2]);
    clock.advanceBy(100);
    expect(watcher.stats().lastError).toBeInstanceOf(Error);
    expect(calls.slice(0, 3)).toEqual(['1/1', '2/1', expect.stringMatching(/^3[/][234]$/)]);
    expect(derivedFrom(store)).toEqual([1, 2, 3, 4, 5]);
  });

  it('a watcher with a transaction handler is paused by pauseWhen, and handles nothing during the pause', () => {
    const { calls, transactionHandler } = projection();
    const { watcher } = projecting({ transactionHandler, pauseWhen: of(true) });
    expect([watcher.stats().state, calls]).toEqual(['paused', []]);
  });
});
