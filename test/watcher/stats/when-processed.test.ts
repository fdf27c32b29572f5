import { afterSequenceNumber } from 'rx-watcher';
import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, InvalidStateError, StoreClosedError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { latest } from '../../../src/event/event-iterator.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { fill, fillUp } from '../delivery/fill.ts';
import { KeyedByHand } from '../keyed/keyed-by-hand.ts';
import { managed } from '../managed.ts';

/** Looks on: whether it has completed, and what it errored with. */
const look = (watcher: Watcher, seqNum: number) => note(watcher.whenProcessed(seqNum));

describe('whenProcessed', () => {
  it('emits the number and completes once the event was handled, and not before', () => {
    const { watcher, byHand } = managed();
    watcher.start();
    const processed = look(watcher, 2);
    byHand.finish();
    expect(processed.isComplete).toBe(false);
    byHand.finish();
    expect(processed).toMatchObject({ isComplete: true, values: [2] });
  });

  it('may be asked before the start, and before the event is stored', () => {
    const { store, watcher } = managed({ events: 1, handler: () => undefined });
    const processed = look(watcher, 2);
    watcher.start();
    expect(processed.isComplete).toBe(false);
    fillUp(store, 1);
    expect(processed.isComplete).toBe(true);
  });

  it('completes at once if it was, and still if the watcher is stopped or paused', async () => {
    const { watcher } = managed({ handler: () => undefined });
    watcher.start();
    expect(look(watcher, 3).isComplete).toBe(true);
    watcher.pause();
    expect(look(watcher, 3).isComplete).toBe(true);
    await watcher.stop();
    expect(look(watcher, 3).isComplete).toBe(true);
  });

  it.each([
    ['idle', () => undefined],
    ['stopped', (watcher: Watcher) => watcher.stop()],
    ['started', (watcher: Watcher) => watcher.start()],
  ])('knows from the checkpoint what was processed before a restart: %s', async (_state, act) => {
    const { store, watcher } = managed();
    await store.storeCheckpoint('w', 2);
    await act(watcher);
    expect(look(watcher, 2).isComplete).toBe(true);
    expect(look(watcher, 3).isComplete).toBe(false);
  });

  it('completes for an event that the filter leaves out', () => {
    const { store, watcher } = managed({ events: 0, filter: { objectTypes: ['Job'] } });
    watcher.start();
    const processed = [look(watcher, 1), look(watcher, 2), look(watcher, 3)];
    fill(store, 'Run', 'Job', 'Run');
    expect(processed.map(({ isComplete }) => isComplete)).toEqual([true, false, false]);
    expect(look(watcher, 1).isComplete).toBe(true);
  });

  it('completes for an event that was skipped', () => {
    const handler = () => throwError(() => new Error('no'));
    const { watcher } = managed({ handler, retryStrategy: 'skip', maxRetries: 0 });
    const processed = look(watcher, 1);
    watcher.start();
    expect(processed.isComplete).toBe(true);
  });

  it('completes for what went before a watcher that begins at the latest', () => {
    const { watcher } = managed({ initialEventIterator: latest() });
    watcher.start();
    expect(look(watcher, 3).isComplete).toBe(true);
  });

  it('waits again for what a seek goes back behind', async () => {
    const { watcher, byHand } = managed();
    watcher.start();
    byHand.finish();
    byHand.finish();
    const sought = watcher.seek(afterSequenceNumber(0));
    await Promise.resolve();
    byHand.finish();
    await sought;
    const processed = look(watcher, 2);
    byHand.finish();
    expect(processed.isComplete).toBe(false);
    byHand.finish();
    expect(processed.isComplete).toBe(true);
  });
});

describe('whenProcessed of a watcher by key', () => {
  const keyed = () => {
    const byHand = new KeyedByHand();
    const all = managed({
      events: 0,
      concurrency: 2,
      keyOf: ({ objectType }: Event) => objectType,
      handler: byHand.handler,
    });
    fill(all.store, 'a', 'b', 'a');
    all.watcher.start();
    return { ...all, byHand };
  };

  it('completes for an event that overtakes another, and for no other', () => {
    const { watcher, byHand } = keyed();
    const processed = [1, 2, 3].map((seqNum) => look(watcher, seqNum));
    byHand.finish(2);
    expect(processed.map(({ isComplete }) => isComplete)).toEqual([false, true, false]);
  });

  it('knows that it has overtaken another when it is asked later, and after a stop', async () => {
    const { watcher, byHand } = keyed();
    byHand.finish(2);
    expect([1, 2, 3].map((seqNum) => look(watcher, seqNum).isComplete)).toEqual([false, true, false]);
    const stopped = watcher.stop();
    byHand.finish(1);
    await stopped;
    expect([1, 2, 3].map((seqNum) => look(watcher, seqNum).isComplete)).toEqual([true, true, false]);
  });
});

describe('whenProcessed of a watcher that comes to no good', () => {
  it('errors with its error when it fails, and if it has failed', () => {
    const handler = () => throwError(() => new Error('no'));
    const { watcher } = managed({ handler, retryStrategy: 'stop', maxRetries: 0 });
    const processed = look(watcher, 2);
    watcher.start();
    const { lastError } = watcher.stats();
    expect(lastError).toMatchObject({ code: 'ERR_EVENT_HANDLING', seqNum: 1 });
    expect(processed.error).toBe(lastError);
    expect(look(watcher, 2).error).toBe(lastError);
  });

  it('completes for what was processed before it failed', () => {
    const handler = ({ seqNum }: Event) => {
      if (seqNum === 2) throw new Error('no');
    };
    const { watcher } = managed({ handler, retryStrategy: 'stop', maxRetries: 0 });
    watcher.start();
    expect(watcher.stats().state).toBe('failed');
    expect(look(watcher, 1)).toMatchObject({ isComplete: true, error: undefined });
  });

  it('errors when it is removed, and if it was, unless the event was processed', async () => {
    const { manager, watcher, byHand } = managed();
    watcher.start();
    const processed = look(watcher, 2);
    const removed = manager.remove('w');
    byHand.finish();
    await removed;
    expect(processed.error).toBeInstanceOf(InvalidStateError);
    expect(look(watcher, 2).error).toBeInstanceOf(InvalidStateError);
    expect(look(watcher, 1)).toMatchObject({ isComplete: true, error: undefined });
  });

  it('waits while it is stopped: it may be started again', async () => {
    const { watcher } = managed({ handler: () => undefined });
    await watcher.stop();
    const processed = look(watcher, 2);
    expect(processed.isComplete).toBe(false);
    watcher.start();
    expect(processed.isComplete).toBe(true);
  });

  it('fails when the store is closed before: nothing is processed any more', async () => {
    const { store, watcher } = managed();
    watcher.start();
    const processed = look(watcher, 4);
    await store.close();
    expect(processed.error).toBeInstanceOf(StoreClosedError);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d at once', (seqNum) => {
    const { watcher } = managed();
    expect(() => watcher.whenProcessed(seqNum)).toThrow(InvalidOptionsError);
  });
});
