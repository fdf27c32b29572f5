import { EMPTY, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { DeserializationError, EventHandlingError, StoreError } from '../../../src/errors.ts';
import { VirtualClock } from '../../../src/testing/conformance/support/virtual-clock.ts';
import { watch } from '../../../src/watcher/watch.ts';
import { inVirtualTime } from '../../support/virtual-time.ts';
import { undecodableStore } from '../../support/watcher/log-stores.ts';
import { createWithSyncStart } from '../../support/watcher/managed-watcher.ts';
import { asMarbles } from '../../support/watcher/virtual-store.ts';
import { failingReads } from './failing-reads.ts';

const handler = () => EMPTY;
const backoff = { initialBackoff: 1, maxBackoff: 2 };
const skip = { handler, ...backoff, retryStrategy: 'skip' } as const;

describe('a watcher that reads an event that cannot be decoded', () => {
  it(
    'a watcher with retryStrategy block retries without a limit if an event cannot be decoded',
    inVirtualTime(({ expectObservable, flush, scheduler }) => {
      const store = undecodableStore(scheduler, 'Job', 'Job', 'Bad', 'Job');
      const watched = watch(store, 'w', { handler, ...backoff, maxRetries: 2 });

      expectObservable(watched.pipe(asMarbles), '^ 999ms !').toBe('(12)');
      flush();
      expect(scheduler.now()).toBe(1000);
    }),
  );

  it(
    'after maxRetries retries, a watcher with retryStrategy skip skips an event that cannot be decoded',
    inVirtualTime(({ expectObservable, scheduler }) => {
      const store = undecodableStore(scheduler, 'Job', 'Bad', 'Bad', 'Job');

      expectObservable(watch(store, 'w', { ...skip, maxRetries: 0 }).pipe(asMarbles)).toBe('(1bc4)');
      expectObservable(watch(store, 'v', { ...skip, maxRetries: 2 }).pipe(asMarbles)).toBe('1--b--(c4)');
    }),
  );

  it(
    'the outcome of an event that cannot be decoded has no event, and its cause is the decoding error',
    inVirtualTime(({ expectObservable, scheduler }) => {
      const store = undecodableStore(scheduler, 'Bad');
      const cause = new DeserializationError([{ path: 'object', message: 'no such thing' }], { seqNum: 1 });
      const error = new EventHandlingError('w', 1, 3, cause);
      const outcomes = watch(store, 'w', { ...skip, maxRetries: 2 }).pipe(
        map((outcome) => ({ ...outcome, hasEvent: 'event' in outcome })),
      );

      const skipped = { status: 'skipped', seqNum: 1, attempts: 3, error, hasEvent: false };
      expectObservable(outcomes).toBe('---a', { a: skipped });
    }),
  );

  it(
    'a watcher ignores an event that cannot be decoded if the filter excludes that event',
    inVirtualTime(({ expectObservable, scheduler }) => {
      const store = undecodableStore(scheduler, 'Bad', 'Job', 'Bad', 'Run', 'Job', 'Bad');
      const watched = watch(store, 'w', { handler, filter: { objectTypes: ['Job'] } });

      expectObservable(watched.pipe(asMarbles)).toBe('(25)');
    }),
  );

  it(
    'a watcher makes maxRetries retries if an event cannot be decoded, even if earlier reads have failed for other reasons',
    inVirtualTime(({ expectObservable, scheduler }) => {
      const store = undecodableStore(scheduler, 'Bad');
      const failing = failingReads(store, 5, () => new StoreError('cannot read'));
      const attempts = watch(failing, 'w', { ...skip, maxBackoff: 1, maxRetries: 1 }).pipe(
        map((outcome) => outcome.attempts),
      );

      expectObservable(attempts).toBe('------a', { a: 2 });
    }),
  );

  it('an event that cannot be decoded counts as skipped in the stats of the watcher, and the checkpoint moves past the event', async () => {
    const clock = new VirtualClock();
    const store = undecodableStore(clock, 'Job', 'Bad');
    const watcher = createWithSyncStart(store, 'w', { ...skip, maxRetries: 1, autoStart: true });
    expect(watcher.stats()).toMatchObject({
      state: 'running',
      handled: 1,
      skipped: 0,
      lastProcessedSeqNum: 1,
    });
    expect(watcher.stats().lastError).toBeInstanceOf(EventHandlingError);
    clock.advanceBy(1);
    await watcher.stop();
    expect(watcher.stats()).toMatchObject({
      handled: 1,
      skipped: 1,
      retries: 1,
      lag: 0,
      lastProcessedSeqNum: 2,
    });
  });

  it('a stop ends the backoff of an event that cannot be decoded, and a restart retries the event', async () => {
    const clock = new VirtualClock();
    const watcher = createWithSyncStart(undecodableStore(clock, 'Bad'), 'w', { handler, autoStart: true });
    expect(clock.timers).toBe(1);
    await watcher.stop();
    expect(clock.timers).toBe(0);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', lag: 1, handled: 0, skipped: 0 });
    watcher.start();
    expect(watcher.stats().state).toBe('running');
    expect(clock.timers).toBe(1);
  });
});
