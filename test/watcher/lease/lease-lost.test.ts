import type { LeaseTable } from 'rx-watcher';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { LeaseLostError, StoreError } from '../../../src/errors.ts';
import type { EventStore } from '../../../src/store/event-store.ts';
import { faultyStore, type StoreFault } from '../../../src/testing/faulty-store.ts';
import type { WatcherOptions } from '../../../src/watcher/watch-options.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { DURATION, leaseCandidates, STEP } from './lease-candidates.ts';

const down = new StoreError('the store is down');
const TRUSTED = 0.9 * DURATION;

/** Two of them: the first is handling the first event, and cannot renew its lease; the second stands by. */
function cutOff(calls: (call: number) => boolean = (call) => call > 1) {
  const all = leaseCandidates();
  const { candidate, store } = all;
  const first = candidate('first', {}, faultyStore(store, [{ method: 'storeLease', calls, error: down }]));
  const second = candidate('second');
  first.watcher.start();
  second.watcher.start();
  return { ...all, first, second };
}

describe('a watcher that cannot renew its lease', () => {
  it('has its attempt aborted, and stands by, before the other takes over', async () => {
    const { advance, first, second } = cutOff();
    const [context] = first.byHand.contexts;
    await advance(TRUSTED - STEP);
    expect([first.state(), context?.signal.aborted]).toEqual(['running', false]);
    await advance(STEP);
    expect([first.state(), context?.signal.aborted]).toEqual(['standby', true]);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(second.byHand.seqNums).toEqual([]);
    await advance(DURATION - TRUSTED);
    expect([first.state(), second.state()]).toEqual(['standby', 'running']);
    expect(second.byHand.seqNums).toEqual([1]);
  });

  it('neither stores what its attempt comes to, nor goes on behind it', async () => {
    const { advance, first, stored } = cutOff();
    await advance(DURATION);
    first.byHand.finish();
    await nextTurn();
    expect(await stored()).toBe(0);
    expect(first.byHand.seqNums).toEqual([1]);
    expect(first.watcher.stats()).toMatchObject({ handled: 0, lastProcessedSeqNum: 0 });
  });

  it('tries again and again, and runs on if it succeeds in time', async () => {
    const { advance, first, second } = cutOff((call) => call > 1 && call < 7);
    await advance(20 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(first.byHand.contexts[0]?.signal.aborted).toBe(false);
  });

  it('does not wait for a renewal that takes for ever', () => {
    const { clock, candidate, store } = leaseCandidates();
    const slow = faultyStore(store, [
      { method: 'storeLease', calls: (call) => call > 1, delay: 100 * DURATION },
    ]);
    const { watcher, state } = candidate('first', {}, slow);
    watcher.start();
    clock.advanceBy(TRUSTED);
    expect(state()).toBe('standby');
    expect(watcher.stats().lastError).toBeInstanceOf(LeaseLostError);
  });

  it('takes its lease back as soon as it can, if nobody else has taken it', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const failing = (call: number) => call > 1 && call < 20;
    const { watcher, byHand, state } = candidate(
      'first',
      {},
      faultyStore(store, [{ method: 'storeLease', calls: failing, error: down }]),
    );
    watcher.start();
    await advance(TRUSTED);
    expect(state()).toBe('standby');
    await advance(20 * DURATION);
    expect([state(), byHand.seqNums]).toEqual(['running', [1, 1]]);
  });

  it('keeps it if the renewal took place of which it heard that it failed', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const leases = store.internals.leases as LeaseTable;
    let calls = 0;
    const deaf: EventStore = {
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
    const [first, second] = [candidate('first', {}, deaf), candidate('second')];
    first.watcher.start();
    second.watcher.start();
    await advance(20 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(first.watcher.stats().lastError).toBe(down);
    expect(first.byHand.seqNums).toEqual([1]);
  });

  it('does not trust in its lease longer because the clock was set back', async () => {
    const { clock, advance, candidate, store } = leaseCandidates();
    const renewal: StoreFault = { method: 'storeLease', calls: 2, delay: STEP };
    const { watcher, state } = candidate(
      'first',
      {},
      faultyStore(store, [renewal, { method: 'storeLease', calls: (call) => call > 2, error: down }]),
    );
    watcher.start();
    await advance(DURATION / 3);
    clock.now = () => clock.frame - 3_600_000; // while the renewal is on its way
    await advance(STEP + TRUSTED);
    expect(state()).toBe('standby');
  });

  it('counts an attempt that the loss of its lease has cut off', async () => {
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
});

describe('a watcher whose process was held up until its lease could no longer be trusted', () => {
  /** It has the lease, and is handling the first event; its timers are late. */
  function heldUp(options: WatcherOptions, ...faults: readonly StoreFault[]) {
    const all = leaseCandidates();
    const first = all.candidate('first', options, faultyStore(all.store, faults));
    first.watcher.start();
    const { clock } = all;
    clock.now = () => clock.frame + TRUSTED;
    return { ...all, first };
  }
  const byKey = { concurrency: 2, keyOf: () => 'one' };

  it.each<[string, WatcherOptions]>([
    ['one event', {}],
    ['events by key', byKey],
  ])(
    'renews it before the next attempt, and what it has done counts: %s at a time',
    async (_what, options) => {
      const { clock, first, lease, stored } = heldUp(options, {
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

  it('begins no attempt if another has it', async () => {
    const { first, grantToOutsider, stored } = heldUp({});
    await grantToOutsider(2);
    first.byHand.finish();
    await nextTurn();
    expect([first.state(), first.byHand.seqNums, await stored()]).toEqual(['standby', [1], 0]);
  });

  it.each<[string, WatcherOptions]>([
    ['one event', {}],
    ['events by key', byKey],
  ])('begins no attempt if the store cannot tell: %s at a time', async (_what, options) => {
    const { clock, first } = heldUp(options, {
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
  });
});

describe('a watcher whose lease was granted to another', () => {
  /** It is handling the first event, and does not know yet. */
  async function deposed(options: Parameters<ReturnType<typeof leaseCandidates>['candidate']>[1] = {}) {
    const all = leaseCandidates();
    const first = all.candidate('first', options);
    first.watcher.start();
    await all.grantToOutsider(2);
    return { ...all, first };
  }

  it('stores no checkpoint, hands nothing more over, and stands by', async () => {
    const { first, stored } = await deposed();
    first.byHand.finish();
    await nextTurn();
    expect(await stored()).toBe(0);
    expect(first.watcher.stats()).toMatchObject({ state: 'standby', lastError: { code: 'ERR_LEASE_LOST' } });
    expect(first.byHand.seqNums.filter((seqNum) => seqNum > 2)).toEqual([]);
  });

  it('keeps no dead letter', async () => {
    const { first, store, stored } = await deposed({ retryStrategy: 'deadLetter', maxRetries: 0 });
    first.byHand.fail(new Error('no'));
    await nextTurn();
    const letters: unknown[] = [];
    store.deadLetters('w').subscribe((letter) => letters.push(letter));
    expect([letters, await stored()]).toEqual([[], 0]);
    expect(first.state()).toBe('standby');
    expect(first.byHand.seqNums).toEqual([1]);
  });

  it('learns of it at the next renewal at the latest', async () => {
    const { clock, first } = await deposed();
    clock.advanceBy(DURATION / 3);
    expect([first.state(), first.byHand.contexts[0]?.signal.aborted]).toEqual(['standby', true]);
    expect(first.watcher.stats().lastError).toBeInstanceOf(LeaseLostError);
  });

  it('stores no manual checkpoint', async () => {
    const { first, stored } = await deposed({ checkpoint: 'manual' });
    await expect(first.watcher.checkpoint(1)).rejects.toBeInstanceOf(LeaseLostError);
    expect(await stored()).toBe(0);
  });

  it('goes on when its turn comes again, behind what others have handled', async () => {
    const { clock, first, store } = await deposed();
    clock.advanceBy(DURATION / 3);
    await store.storeCheckpoint('w', 2, 2);
    clock.advanceBy(DURATION);
    expect([first.state(), first.byHand.seqNums]).toEqual(['running', [1, 3]]);
  });

  it('that is stopping has stopped', async () => {
    const { clock, first } = await deposed();
    const stopped = first.watcher.stop();
    expect(first.state()).toBe('stopping');
    clock.advanceBy(DURATION / 3);
    await stopped;
    expect(first.state()).toBe('stopped');
  });

  it('asks anew whether it is to pause', async () => {
    let isPaused = true;
    const pauseWhen = new Observable<boolean>((subscriber) => {
      if (isPaused) subscriber.next(true);
    });
    const { clock, first } = await deposed({ pauseWhen });
    expect(first.state()).toBe('paused');
    isPaused = false;
    clock.advanceBy(DURATION / 3);
    expect(first.state()).toBe('standby');
    clock.advanceBy(DURATION);
    expect(first.state()).toBe('running');
  });
});
