import { afterSequenceNumber } from 'rx-watcher';
import { throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError, InvalidStateError, StoreClosedError } from '../../../src/errors.ts';
import type { Event } from '../../../src/event/event.ts';
import { latest } from '../../../src/event/event-iterator.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { fill, fillUp } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

/** Subscribes to `whenProcessed` and records its notifications. */
const observe = (watcher: Watcher, seqNum: number) => note(watcher.whenProcessed(seqNum));

describe('the method whenProcessed of a watcher', () => {
  it('whenProcessed emits the number of the event and completes when the event is handled, not before', () => {
    const { watcher, byHand } = started();
    const processed = observe(watcher, 2);
    byHand.finish();
    expect(processed.isComplete).toBe(false);
    byHand.finish();
    expect(processed).toMatchObject({ isComplete: true, values: [2] });
  });

  it('whenProcessed waits for an event even if it is called before the start and before the append', () => {
    const { store, watcher } = managed({ events: 1, handler: () => undefined });
    const processed = observe(watcher, 2);
    watcher.start();
    expect(processed.isComplete).toBe(false);
    fillUp(store, 1);
    expect(processed.isComplete).toBe(true);
  });

  it('whenProcessed completes immediately if the event is processed, even if the watcher is paused or stopped', async () => {
    const { watcher } = started({ handler: () => undefined });
    expect(observe(watcher, 3).isComplete).toBe(true);
    watcher.pause();
    expect(observe(watcher, 3).isComplete).toBe(true);
    await watcher.stop();
    expect(observe(watcher, 3).isComplete).toBe(true);
  });

  it.each([
    ['idle', () => undefined],
    ['stopped', (watcher: Watcher) => watcher.stop()],
    ['started', (watcher: Watcher) => watcher.start()],
  ])(
    'whenProcessed completes for an event up to the stored checkpoint if the watcher is %s',
    async (_state, act) => {
      const { store, watcher } = managed();
      await store.storeCheckpoint('w', 2);
      await act(watcher);
      expect(observe(watcher, 2).isComplete).toBe(true);
      expect(observe(watcher, 3).isComplete).toBe(false);
    },
  );

  it('whenProcessed completes for an event that the filter excludes', () => {
    const { store, watcher } = started({ events: 0, filter: { objectTypes: ['Job'] } });
    const processed = [observe(watcher, 1), observe(watcher, 2), observe(watcher, 3)];
    fill(store, 'Run', 'Job', 'Run');
    expect(processed.map(({ isComplete }) => isComplete)).toEqual([true, false, false]);
    expect(observe(watcher, 1).isComplete).toBe(true);
  });

  it('whenProcessed completes for a skipped event', () => {
    const handler = () => throwError(() => new Error('no'));
    const { watcher } = managed({ handler, retryStrategy: 'skip', maxRetries: 0 });
    const processed = observe(watcher, 1);
    watcher.start();
    expect(processed.isComplete).toBe(true);
  });

  it('whenProcessed completes for an event before the start position of a watcher that starts at latest()', () => {
    const { watcher } = started({ initialEventIterator: latest() });
    expect(observe(watcher, 3).isComplete).toBe(true);
  });

  it('whenProcessed waits again for an event after the target of a seek backwards', async () => {
    const { watcher, byHand } = started();
    byHand.finish();
    byHand.finish();
    const sought = watcher.seek(afterSequenceNumber(0));
    await Promise.resolve();
    byHand.finish();
    await sought;
    const processed = observe(watcher, 2);
    byHand.finish();
    expect(processed.isComplete).toBe(false);
    byHand.finish();
    expect(processed.isComplete).toBe(true);
  });
});

describe('the method whenProcessed of a keyed watcher', () => {
  const keyed = () => {
    const byHand = new ManualHandler();
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

  it('whenProcessed completes for an event that is handled before an earlier event, but not for that earlier event', () => {
    const { watcher, byHand } = keyed();
    const processed = [1, 2, 3].map((seqNum) => observe(watcher, seqNum));
    byHand.finish(2);
    expect(processed.map(({ isComplete }) => isComplete)).toEqual([false, true, false]);
  });

  it('whenProcessed completes, even after a stop, for an event that was handled before an earlier event', async () => {
    const { watcher, byHand } = keyed();
    byHand.finish(2);
    expect([1, 2, 3].map((seqNum) => observe(watcher, seqNum).isComplete)).toEqual([false, true, false]);
    const stopped = watcher.stop();
    byHand.finish(1);
    await stopped;
    expect([1, 2, 3].map((seqNum) => observe(watcher, seqNum).isComplete)).toEqual([true, true, false]);
  });
});

describe('the method whenProcessed of a watcher that does not process the event', () => {
  it('whenProcessed errors with lastError if the watcher fails or has already failed', () => {
    const handler = () => throwError(() => new Error('no'));
    const { watcher } = managed({ handler, retryStrategy: 'stop', maxRetries: 0 });
    const processed = observe(watcher, 2);
    watcher.start();
    const { lastError } = watcher.stats();
    expect(lastError).toMatchObject({ code: 'ERR_EVENT_HANDLING', seqNum: 1 });
    expect(processed.error).toBe(lastError);
    expect(observe(watcher, 2).error).toBe(lastError);
  });

  it('whenProcessed completes for an event that was processed before the watcher failed', () => {
    const handler = ({ seqNum }: Event) => {
      if (seqNum === 2) throw new Error('no');
    };
    const { watcher } = started({ handler, retryStrategy: 'stop', maxRetries: 0 });
    expect(watcher.stats().state).toBe('failed');
    expect(observe(watcher, 1)).toMatchObject({ isComplete: true, error: undefined });
  });

  it('whenProcessed errors if the watcher is removed before it has processed the event', async () => {
    const { manager, watcher, byHand } = started();
    const processed = observe(watcher, 2);
    const removed = manager.remove('w');
    byHand.finish();
    await removed;
    expect(processed.error).toBeInstanceOf(InvalidStateError);
    expect(observe(watcher, 2).error).toBeInstanceOf(InvalidStateError);
    expect(observe(watcher, 1)).toMatchObject({ isComplete: true, error: undefined });
  });

  it('whenProcessed waits while the watcher is stopped, and completes after the watcher is started again', async () => {
    const { watcher } = managed({ handler: () => undefined });
    await watcher.stop();
    const processed = observe(watcher, 2);
    expect(processed.isComplete).toBe(false);
    watcher.start();
    expect(processed.isComplete).toBe(true);
  });

  it('whenProcessed errors with a StoreClosedError if the store closes before the event is processed', async () => {
    const { store, watcher } = started();
    const processed = observe(watcher, 4);
    await store.close();
    expect(processed.error).toBeInstanceOf(StoreClosedError);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'whenProcessed throws synchronously for the invalid number %d',
    (seqNum) => {
      const { watcher } = managed();
      expect(() => watcher.whenProcessed(seqNum)).toThrow(InvalidOptionsError);
    },
  );
});
