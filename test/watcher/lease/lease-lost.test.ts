import type { LeaseTable } from 'rx-watcher';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LeaseLostError, StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { faultyStore, type StoreFault } from '../../../src/testing/faulty-store.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { DURATION, leaseCandidates, STEP } from './lease-candidates.ts';

const down = new StoreError('the store is down');
const RENEW_DEADLINE = 0.9 * DURATION;

/** Starts two watchers: the first has event 1 in flight and fails to renew, the second is in standby. */
function pairWithFailingRenewals(calls: (call: number) => boolean = (call) => call > 1) {
  const all = leaseCandidates();
  const { candidate, store } = all;
  const first = candidate('first', {}, faultyStore(store, [{ method: 'storeLease', calls, error: down }]));
  const second = candidate('second');
  first.watcher.start();
  second.watcher.start();
  return { ...all, first, second };
}

describe('a watcher that cannot renew its lease', () => {
  it('a watcher that cannot renew its lease aborts its attempt and enters standby before another process can acquire the lease', async () => {
    const { advance, first, second } = pairWithFailingRenewals();
    const [context] = first.byHand.contexts;
    await advance(RENEW_DEADLINE - STEP);
    expect([first.state(), context?.signal.aborted]).toEqual(['running', false]);
    await advance(STEP);
    expect([first.state(), context?.signal.aborted]).toEqual(['standby', true]);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(second.byHand.seqNums).toEqual([]);
    await advance(DURATION - RENEW_DEADLINE);
    expect([first.state(), second.state()]).toEqual(['standby', 'running']);
    expect(second.byHand.seqNums).toEqual([1]);
  });

  it('a watcher that has lost its lease neither handles the event of the aborted attempt again nor delivers the next event', async () => {
    const { advance, first, stored } = pairWithFailingRenewals();
    await advance(DURATION);
    first.byHand.finish();
    await nextTurn();
    expect(await stored()).toBe(0);
    expect(first.byHand.seqNums).toEqual([1]);
    expect(first.watcher.stats()).toMatchObject({ handled: 0, lastProcessedSeqNum: 0 });
  });

  it('a watcher retries a failed renewal of its lease, and keeps running if a retry succeeds before the renew deadline', async () => {
    const { advance, first, second } = pairWithFailingRenewals((call) => call > 1 && call < 7);
    await advance(20 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(first.byHand.contexts[0]?.signal.aborted).toBe(false);
  });

  it('a watcher enters standby at the renew deadline even if the renewal of its lease never settles', () => {
    const { clock, candidate, store } = leaseCandidates();
    const slow = faultyStore(store, [
      { method: 'storeLease', calls: (call) => call > 1, delay: 100 * DURATION },
    ]);
    const { watcher, state } = candidate('first', {}, slow);
    watcher.start();
    clock.advanceBy(RENEW_DEADLINE);
    expect(state()).toBe('standby');
    expect(watcher.stats().lastError).toBeInstanceOf(LeaseLostError);
  });

  it('a watcher that could not renew its lease acquires the lease again when the store works and no other process holds the lease', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const failing = (call: number) => call > 1 && call < 20;
    const { watcher, byHand, state } = candidate(
      'first',
      {},
      faultyStore(store, [{ method: 'storeLease', calls: failing, error: down }]),
    );
    watcher.start();
    await advance(RENEW_DEADLINE);
    expect(state()).toBe('standby');
    await advance(20 * DURATION);
    expect([state(), byHand.seqNums]).toEqual(['running', [1, 1]]);
  });

  it('a watcher keeps its lease if the store has stored a renewal but reports a failure', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const leases = store.internals.leases as LeaseTable;
    let calls = 0;
    const misreporting: EventStore = {
      ...store,
      internals: {
        ...store.internals,
        leases: {
          ...leases,
          store(...args) {
            const written = leases.store(...args);
            return ++calls % 4 === 2 ? Promise.reject(down) : written;
          },
        },
      },
    };
    const [first, second] = [candidate('first', {}, misreporting), candidate('second')];
    first.watcher.start();
    second.watcher.start();
    await advance(20 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(first.byHand.seqNums).toEqual([1]);
  });

  it('a watcher that cannot renew its lease enters standby at the renew deadline even if the clock is set back', async () => {
    const { clock, advance, candidate, store } = leaseCandidates();
    const renewal: StoreFault = { method: 'storeLease', calls: 2, delay: STEP };
    const { watcher, state } = candidate(
      'first',
      {},
      faultyStore(store, [renewal, { method: 'storeLease', calls: (call) => call > 2, error: down }]),
    );
    watcher.start();
    await advance(DURATION / 3);
    clock.now = () => clock.frame - 3_600_000; // set back while the renewal is in flight
    await advance(STEP + RENEW_DEADLINE);
    expect(state()).toBe('standby');
  });

  it('an attempt that is aborted by the loss of the lease counts in the number of attempts at the event', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const failing = (call: number) => (call > 1 && call < 11) || (call > 11 && call < 21);
    const { watcher, byHand, state } = candidate(
      'first',
      { retryStrategy: 'skip', maxRetries: 1, initialBackoff: 0 },
      faultyStore(store, [{ method: 'storeLease', calls: failing, error: down }]),
    );
    const skipped: unknown[] = [];
    watcher.outcomes$.subscribe(({ seqNum, status, attempts }) => skipped.push([seqNum, status, attempts]));
    watcher.start();
    for (let round = 0; round < 2; round++) {
      while (state() !== 'standby') await advance(STEP);
      while (state() !== 'running') await advance(STEP);
    }
    await advance(STEP);
    expect(byHand.contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
    expect(byHand.seqNums).toEqual([1, 1, 2]);
    expect(skipped).toEqual([[1, 'skipped', 2]]);
  });

  it('an attempt that the loss of the lease has aborted still counts after a stop and a start of the watcher', async () => {
    const { advance, first, second } = pairWithFailingRenewals((call) => call > 1 && call < 20);
    while (first.state() !== 'standby') await advance(STEP);
    await first.watcher.stop();
    first.watcher.start();
    while (second.state() !== 'running') await advance(STEP);
    second.byHand.fail(new Error('not yet'));
    await second.watcher.stop();
    while (first.byHand.contexts.length < 2) await advance(STEP);
    expect(first.byHand.contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});

describe('a watcher with a handler that blocks the process until after the renew deadline', () => {
  /** Starts a watcher with the lease and event 1 in flight. Moves the clock past the renew deadline, but runs no timer. */
  function blockedPastDeadline(options: WatcherOptions, ...faults: readonly StoreFault[]) {
    const all = leaseCandidates();
    const first = all.candidate('first', options, faultyStore(all.store, faults));
    first.watcher.start();
    const { clock } = all;
    clock.now = () => clock.frame + RENEW_DEADLINE;
    return { ...all, first };
  }
  const byKey = { concurrency: 2, keyOf: () => 'one' };

  it.each<[string, WatcherOptions]>([
    ['sequential', {}],
    ['keyed', byKey],
  ])(
    'a %s watcher that was blocked until after the renew deadline renews its lease before the next attempt, and stores its checkpoint',
    async (_name, options) => {
      const { clock, first, lease, stored } = blockedPastDeadline(options, {
        method: 'storeLease',
        calls: (call) => call > 1,
        delay: STEP,
      });
      first.byHand.finish();
      await nextTurn();
      expect([first.byHand.seqNums, await stored()]).toEqual([[1], 1]);
      clock.advanceBy(STEP);
      await nextTurn();
      expect([first.byHand.seqNums, first.state()]).toEqual([[1, 2], 'running']);
      expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
    },
  );

  it('a watcher that was blocked until after the renew deadline makes no other attempt if another process has acquired its lease', async () => {
    const { first, grantToOutsider, stored } = blockedPastDeadline({});
    await grantToOutsider(2);
    first.byHand.finish();
    await nextTurn();
    expect([first.state(), first.byHand.seqNums, await stored()]).toEqual(['standby', [1], 0]);
  });

  it.each<[string, WatcherOptions]>([
    ['sequential', {}],
    ['keyed', byKey],
  ])(
    'a %s watcher that was blocked until after the renew deadline makes no other attempt if the renewal fails',
    async (_name, options) => {
      const { clock, first } = blockedPastDeadline(options, {
        method: 'storeLease',
        calls: (call) => call > 1,
        error: down,
      });
      first.byHand.finish();
      await nextTurn();
      expect(first.byHand.seqNums).toEqual([1]);
      clock.advanceBy(DURATION);
      await nextTurn();
      expect(first.state()).toBe('standby');
    },
  );
});

describe('a watcher that does not know that another process has acquired its lease', () => {
  /** Starts a watcher with event 1 in flight, and grants its lease to another process. */
  async function withLostLease(options: Parameters<ReturnType<typeof leaseCandidates>['candidate']>[1] = {}) {
    const all = leaseCandidates();
    const first = all.candidate('first', options);
    first.watcher.start();
    await all.grantToOutsider(2);
    return { ...all, first };
  }

  it('a watcher that has not noticed the loss of its lease stores no checkpoint, and enters standby at its next write', async () => {
    const { first, stored } = await withLostLease();
    first.byHand.finish();
    await nextTurn();
    expect(await stored()).toBe(0);
    expect(first.watcher.stats()).toMatchObject({ state: 'standby', lastError: { code: 'ERR_LEASE_LOST' } });
    expect(first.byHand.seqNums.filter((seqNum) => seqNum > 2)).toEqual([]);
  });

  it('a watcher that has not noticed the loss of its lease stores no dead letter', async () => {
    const { first, store, stored } = await withLostLease({ retryStrategy: 'deadLetter', maxRetries: 0 });
    first.byHand.fail(new Error('no'));
    await nextTurn();
    const deadLetters: unknown[] = [];
    store.deadLetters('w').subscribe((deadLetter) => deadLetters.push(deadLetter));
    expect([deadLetters, await stored()]).toEqual([[], 0]);
    expect(first.state()).toBe('standby');
    expect(first.byHand.seqNums).toEqual([1]);
  });

  it('a watcher aborts its attempt and enters standby if a renewal shows that the lease is lost', async () => {
    const { clock, first } = await withLostLease();
    clock.advanceBy(DURATION / 3);
    expect([first.state(), first.byHand.contexts[0]?.signal.aborted]).toEqual(['standby', true]);
    expect(first.watcher.stats().lastError).toBeInstanceOf(LeaseLostError);
  });

  it('a watcher that has not noticed the loss of its lease rejects a call of checkpoint()', async () => {
    const { first, stored } = await withLostLease({ checkpoint: 'manual' });
    await expect(first.watcher.checkpoint(1)).rejects.toBeInstanceOf(LeaseLostError);
    expect(await stored()).toBe(0);
  });

  it('a watcher that acquires its lease again continues after the events that other processes have handled', async () => {
    const { clock, first, store } = await withLostLease();
    clock.advanceBy(DURATION / 3);
    await store.storeCheckpoint('w', 2, 2);
    clock.advanceBy(DURATION);
    expect([first.state(), first.byHand.seqNums]).toEqual(['running', [1, 3]]);
  });

  it('a pending stop completes when a write shows that the lease of the watcher is lost', async () => {
    const { clock, first } = await withLostLease();
    const stopped = first.watcher.stop();
    expect(first.state()).toBe('stopping');
    clock.advanceBy(DURATION / 3);
    await stopped;
    expect(first.state()).toBe('stopped');
  });

  it('a watcher that acquires its lease again subscribes to pauseWhen again', async () => {
    let isPaused = true;
    const pauseWhen = new Observable<boolean>((subscriber) => {
      if (isPaused) subscriber.next(true);
    });
    const { clock, first } = await withLostLease({ pauseWhen });
    expect(first.state()).toBe('paused');
    isPaused = false;
    clock.advanceBy(DURATION / 3);
    expect(first.state()).toBe('standby');
    clock.advanceBy(DURATION);
    expect(first.state()).toBe('running');
  });
});
