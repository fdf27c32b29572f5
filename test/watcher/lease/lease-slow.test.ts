import type { LeaseTable } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { faultyStore, type StoreFault } from '../../../src/testing/faulty-store.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { DURATION, leaseCandidates, STEP } from './lease-candidates.ts';

const down = new StoreError('the store is down');

describe('two watchers that share a lease on a slow or failing store', () => {
  /** Creates two watchers, each on a separate view of the store with these faults. */
  function pair(...faults: readonly StoreFault[]) {
    const all = leaseCandidates();
    const slow = (owner: string) => all.candidate(owner, {}, faultyStore(all.store, faults));
    return { ...all, first: slow('first'), second: slow('second') };
  }

  it('only one of two watchers runs if both try to acquire a free lease at the same time on a slow store', async () => {
    const { advance, first, second, lease } = pair({ method: 'storeLease', delay: STEP });
    first.watcher.start();
    second.watcher.start();
    expect([first.state(), second.state()]).toEqual(['standby', 'standby']);
    await advance(STEP);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher keeps its lease if slow reads and writes of the lease end before the renew deadline', async () => {
    const { advance, first, second } = pair(
      { method: 'storeLease', delay: DURATION / 4 },
      { method: 'getLease', delay: DURATION / 4 },
    );
    first.watcher.start();
    await advance(DURATION);
    second.watcher.start();
    await advance(20 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(first.byHand.seqNums).toEqual([1]);
  });

  it('a watcher keeps its lease if the write that acquired the lease ended shortly before the renew deadline', async () => {
    const { advance, first, lease } = pair({ method: 'storeLease', calls: 1, delay: 0.75 * DURATION });
    first.watcher.start();
    await advance(4 * DURATION);
    expect([first.state(), first.byHand.seqNums]).toEqual(['running', [1]]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher keeps its lease if each write of the lease takes longer than the time between two renewals', async () => {
    const { advance, first, lease } = pair({ method: 'storeLease', delay: 0.4 * DURATION });
    first.watcher.start();
    await advance(10 * DURATION);
    expect([first.state(), first.byHand.seqNums]).toEqual(['running', [1]]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher that acquired its lease by a slow write enters standby at the renew deadline if no renewal is stored', async () => {
    const { advance, first } = pair(
      { method: 'storeLease', calls: 1, delay: DURATION / 2 },
      { method: 'storeLease', calls: (call) => call > 1, delay: 100 * DURATION },
    );
    first.watcher.start();
    await advance(0.9 * DURATION - STEP);
    expect(first.state()).toBe('running');
    await advance(STEP);
    expect(first.state()).toBe('standby');
  });

  it('a watcher keeps its lease if its process was suspended during a renewal, and the next renewal is stored', async () => {
    const { clock, advance, first, lease } = pair(
      { method: 'storeLease', calls: 2, delay: DURATION / 2 },
      { method: 'storeLease', calls: (call) => call > 2, delay: STEP },
    );
    first.watcher.start();
    await advance(DURATION / 2);
    clock.now = () => clock.frame + 2 * DURATION; // the time of a suspension has passed, and no timer has run
    await advance(DURATION);
    expect([first.state(), first.byHand.contexts[0]?.signal.aborted]).toEqual(['running', false]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher acquires a free lease even if each read of the lease takes longer than the time between two reads', async () => {
    const { advance, first } = pair({ method: 'getLease', delay: DURATION / 2 });
    first.watcher.start();
    await advance(DURATION);
    expect(first.state()).toBe('running');
  });

  it('a watcher acquires its lease again immediately if its renewal is stored only after the loss of the lease', async () => {
    const { advance, candidate, store } = leaseCandidates();
    const leases = store.internals.leases as LeaseTable;
    let unblock = () => {};
    let unblocked: Promise<void> | undefined;
    const view = {
      ...store,
      internals: {
        ...store.internals,
        leases: {
          ...leases,
          store: async (...args: Parameters<LeaseTable['store']>) => {
            await unblocked;
            return leases.store(...args);
          },
        },
      },
    };
    const first = candidate('first', {}, view);
    first.watcher.start();
    await advance(STEP);
    unblocked = new Promise((resolve) => {
      unblock = resolve;
    });
    await advance(2 * DURATION);
    expect(first.state()).toBe('standby');
    unblock();
    await advance(DURATION / 3);
    expect([first.state(), first.byHand.seqNums]).toEqual(['running', [1, 1]]);
  });

  it('a stop during the first read of the lease completes immediately, without acquiring the lease', async () => {
    const { clock, advance, first, second } = pair({ method: 'getLease', delay: 10 * DURATION });
    first.watcher.start();
    const stopped = first.watcher.stop();
    expect(first.state()).toBe('stopped');
    await stopped;
    expect(clock.timers).toBe(0);
    await advance(STEP);
    expect(second.state()).toBe('idle');
  });

  it('a lease is released if its watcher was stopped during the write that acquired the lease', async () => {
    const { advance, first, second, lease } = pair({ method: 'storeLease', calls: 1, delay: STEP });
    first.watcher.start();
    const stopped = first.watcher.stop();
    expect(first.state()).toBe('stopping');
    await advance(STEP); // the write of the lease takes effect despite the stop
    await stopped;
    expect(await lease()).not.toHaveProperty('owner');
    second.watcher.start();
    await advance(STEP);
    expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
  });

  it('a watcher retries failed reads of its lease, reports the error, and runs after a successful read', async () => {
    const { advance, first } = pair({ method: 'getLease', calls: [1, 2, 3], error: down });
    first.watcher.start();
    await nextTurn();
    expect(first.watcher.stats()).toMatchObject({ state: 'standby', lastError: down });
    await advance(DURATION + STEP);
    expect(first.state()).toBe('running');
  });

  it('a watcher stops even if the release of its lease fails, and another watcher runs after the lease expires', async () => {
    const { advance, store, candidate } = leaseCandidates();
    const first = candidate(
      'first',
      {},
      faultyStore(store, [
        { method: 'storeLease', when: (_id, lease) => !('owner' in (lease as object)), error: down },
      ]),
    );
    const second = candidate('second');
    first.watcher.start();
    second.watcher.start();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(first.watcher.stats()).toMatchObject({ state: 'stopped', lastError: down });
    expect(second.state()).toBe('standby');
    await advance(DURATION + DURATION / 3);
    expect([second.state(), second.byHand.seqNums]).toEqual(['running', [2]]);
  });

  it('a watcher that could not release its lease acquires the lease immediately when it is started again', async () => {
    const { first } = pair({ method: 'storeLease', calls: 2, error: down });
    first.watcher.start();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(first.watcher.stats()).toMatchObject({ state: 'stopped', lastError: down });
    first.watcher.start();
    await nextTurn();
    expect(first.state()).toBe('running');
  });
});

describe('the close of a store with a watcher under a lease', () => {
  /** Closes the store of a running watcher, and returns the result of each write of its lease. */
  async function closed(events: number) {
    const { store, candidate } = leaseCandidates(events);
    const leases = store.internals.leases as LeaseTable;
    const writes: Promise<unknown>[] = [];
    const { watcher, byHand, state } = candidate(
      'first',
      {},
      {
        ...store,
        internals: {
          ...store.internals,
          leases: {
            ...leases,
            store(id, lease, revision) {
              const written = leases.store(id, lease, revision);
              const result = Promise.resolve(written).then(
                () => lease.owner ?? 'released',
                ({ code }) => code,
              );
              writes.push(result);
              return written;
            },
          },
        },
      },
    );
    watcher.start();
    await store.close();
    if (byHand.isBusy) byHand.finish();
    await nextTurn();
    expect(state()).toBe('stopped');
    return Promise.all(writes);
  }

  it('the close of a store releases the lease of a watcher that waits for events', async () => {
    expect(await closed(0)).toEqual(['first', 'released']);
  });

  it('the close of a store does not release the lease of a watcher with an event in flight', async () => {
    expect(await closed(1)).toEqual(['first', 'ERR_STORE_CLOSED']);
  });
});
