import { describe, expect, it } from 'vitest';
import { LeaseLostError } from '../../../src/errors.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { statsIn } from '../../support/watcher/managed-watcher.ts';
import { derivedFrom, JOBS, projection } from '../../support/watcher/projection.ts';
import { leaseCandidates } from '../lease/lease-candidates.ts';

describe('a transaction of a watcher with a lease', () => {
  it('a transaction is rolled back, and its watcher enters standby, if another process has acquired the lease meanwhile', async () => {
    const { candidate, clock, store, stored } = leaseCandidates();
    const { calls, transactionHandler } = projection();
    let isGranted = false;
    const { watcher } = candidate(
      'first',
      { handler: undefined, transactionHandler, filter: JOBS },
      {
        ...store,
        // Another process acquires the lease before the transaction, and the watcher has not noticed the loss.
        transaction: (work) => {
          if (!isGranted) void store.internals.leases?.store('w', { owner: 'outsider', token: 2 }, 1);
          isGranted = true;
          return store.transaction?.(work) as never;
        },
      },
    );
    watcher.start();
    await nextTurn();
    clock.advanceBy(0);

    const { lastError } = await statsIn(watcher, 'standby');

    expect(lastError).toBeInstanceOf(LeaseLostError);
    expect(calls).toEqual(['1/1', '2/1', '3/1']);
    expect([derivedFrom(store), await stored()]).toEqual([[], 0]);
  });

  it('a transaction is committed while the watcher holds its lease, and the next owner of the lease continues after it', async () => {
    const { candidate, clock, store, stored } = leaseCandidates();
    const ofFirst = projection(({ seqNum }) => {
      if (seqNum === 2) void first.watcher.stop();
    });
    const ofSecond = projection();
    const options = { handler: undefined, filter: JOBS };
    const first = candidate('first', { ...options, transactionHandler: ofFirst.transactionHandler });
    const second = candidate('second', { ...options, transactionHandler: ofSecond.transactionHandler });
    first.watcher.start();
    second.watcher.start();
    clock.advanceBy(0);
    await statsIn(first.watcher, 'stopped');
    await statsIn(second.watcher, 'running');
    clock.advanceBy(0);

    expect([ofFirst.calls, ofSecond.calls]).toEqual([['1/1', '2/1'], ['3/1']]);
    expect(derivedFrom(store)).toEqual([1, 2, 3]);
    await second.watcher.stop();
    expect(await stored()).toBe(6);
  });
});
