import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidStateError, LeaseLostError } from '../../../src/errors.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { DURATION, leaseCandidates } from './lease-candidates.ts';

/** Starts two watchers: the first has handled event 1 and has event 2 in flight, the second is in standby. */
function pair(options: Parameters<ReturnType<typeof leaseCandidates>['candidate']>[1] = {}) {
  const all = leaseCandidates();
  const [first, second] = [all.candidate('first', options), all.candidate('second', options)];
  first.watcher.start();
  second.watcher.start();
  first.byHand.finish();
  return { ...all, first, second };
}

describe('a watcher under a lease with a seek', () => {
  it('a watcher keeps its lease during a seek', async () => {
    const { first, second, lease, stored } = pair();
    const before = await lease();
    const sought = first.watcher.seek(afterSequenceNumber(0));
    await nextTurn();
    first.byHand.finish();
    await sought;
    expect(first.byHand.seqNums).toEqual([1, 2, 1]);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(await lease()).toEqual(before);
    expect(await stored()).toBe(0);
  });

  it('a watcher keeps its lease during a seek that its handler calls', async () => {
    const { candidate, lease } = leaseCandidates();
    const seen: number[] = [];
    let hasSought = false;
    const first: { readonly watcher: Watcher } = candidate('first', {
      handler: async ({ seqNum }) => {
        seen.push(seqNum);
        if (seqNum !== 3 || hasSought) return;
        hasSought = true;
        await first.watcher.seek(afterSequenceNumber(1));
      },
    });
    const second = candidate('second');
    first.watcher.start();
    second.watcher.start();
    for (let turns = 0; turns < 20; turns++) await nextTurn();
    expect(seen).toEqual([1, 2, 3, 2, 3]);
    expect(second.state()).toBe('standby');
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher in standby rejects a seek, and its checkpoint does not change', async () => {
    const { first, second, stored } = pair();
    await expect(second.watcher.seek(afterSequenceNumber(0))).rejects.toBeInstanceOf(InvalidStateError);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(await stored()).toBe(1);
  });

  it('a stopped watcher rejects a seek while another process holds its lease', async () => {
    const { second, stored } = pair();
    await second.watcher.stop();
    await expect(second.watcher.seek(afterSequenceNumber(0))).rejects.toThrow('not the owner of its lease');
    expect([second.state(), await stored()]).toEqual(['stopped', 1]);
  });

  it('a seek of an idle watcher acquires the lease if the lease is free, and starts the watcher', async () => {
    const { candidate, lease } = leaseCandidates();
    const { watcher, byHand, state } = candidate('first');
    await watcher.seek(afterSequenceNumber(2));
    expect([state(), byHand.seqNums]).toEqual(['running', [3]]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a failed watcher under a lease starts again after a seek', async () => {
    const { candidate } = leaseCandidates();
    const { watcher, byHand, state } = candidate('first', { retryStrategy: 'stop', maxRetries: 0 });
    watcher.start();
    byHand.fail(new Error('no'));
    expect(state()).toBe('failed');
    await watcher.seek(afterSequenceNumber(1));
    expect([state(), byHand.seqNums]).toEqual(['running', [1, 2]]);
  });

  it('a watcher releases its lease if stop is called during a seek', async () => {
    const { first, second } = pair();
    const sought = first.watcher.seek(afterSequenceNumber(0));
    await nextTurn();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await Promise.all([sought, stopped]);
    await nextTurn();
    expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
    expect(second.byHand.seqNums).toEqual([1]);
  });

  it('a seek is rejected if the watcher loses its lease during the seek, and the checkpoint does not change', async () => {
    const { first, grantToOutsider, stored } = pair();
    await grantToOutsider(2);
    const sought = first.watcher.seek(afterSequenceNumber(0)).catch((error) => error);
    await nextTurn();
    first.byHand.finish();
    expect(await sought).toBeInstanceOf(LeaseLostError);
    expect(await stored()).toBe(1);
  });
});

describe('a watcher under a lease with manual checkpoints', () => {
  it('a watcher accepts a call of checkpoint() while it holds its lease, and rejects a call in standby', async () => {
    const { first, second, stored } = pair({ checkpoint: 'manual' });
    await expect(second.watcher.checkpoint(0)).rejects.toBeInstanceOf(InvalidStateError);
    await first.watcher.checkpoint(2);
    expect(await stored()).toBe(2);
  });

  it('a stopped watcher accepts a call of checkpoint(), unless another process holds its lease', async () => {
    const { first, second, stored, lease } = pair({ checkpoint: 'manual' });
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    await expect(first.watcher.checkpoint(2)).rejects.toBeInstanceOf(InvalidStateError);
    const others = second.watcher.stop();
    second.byHand.finish();
    await others;
    await first.watcher.checkpoint(2);
    expect(await stored()).toBe(2);
    expect(await lease()).not.toHaveProperty('owner');
  });
});

describe('a watcher under a lease with a dead letter', () => {
  /** Starts two watchers: the first has stored a dead letter of event 1, the second is in standby. */
  async function pairWithDeadLetter() {
    const all = leaseCandidates(1);
    const options = { retryStrategy: 'deadLetter', maxRetries: 0 } as const;
    const [first, second] = [all.candidate('first', options), all.candidate('second', options)];
    first.watcher.start();
    second.watcher.start();
    first.byHand.fail(new Error('no'));
    await nextTurn();
    const storedDeadLetters = () => firstValueFrom(all.store.deadLetters('w').pipe(toArray()));
    return { ...all, first, second, storedDeadLetters };
  }

  it('a watcher that holds its lease redrives a dead letter', async () => {
    const { first, storedDeadLetters } = await pairWithDeadLetter();
    const redriven = first.manager.redrive('w');
    await nextTurn();
    first.byHand.finish();
    expect(await redriven).toMatchObject([{ status: 'handled', seqNum: 1 }]);
    expect(await storedDeadLetters()).toEqual([]);
  });

  it('a watcher in standby rejects a redrive', async () => {
    const { second, storedDeadLetters } = await pairWithDeadLetter();
    await expect(second.manager.redrive('w')).rejects.toBeInstanceOf(InvalidStateError);
    expect([second.byHand.seqNums, second.state()]).toEqual([[], 'standby']);
    expect(await storedDeadLetters()).toHaveLength(1);
  });

  it('a redrive of a stopped watcher acquires the lease, and holds the lease until the redrive ends', async () => {
    const { first, second, lease } = await pairWithDeadLetter();
    await Promise.all([second.watcher.stop(), first.watcher.stop()]);
    const redriven = first.manager.redrive('w');
    await nextTurn();
    expect(await lease()).toMatchObject({ owner: 'first' });
    first.byHand.finish();
    await redriven;
    expect(await lease()).not.toHaveProperty('owner');
  });

  it('a redrive is rejected if the watcher loses its lease during the redrive, and the dead letter does not change', async () => {
    const { clock, first, grantToOutsider, storedDeadLetters } = await pairWithDeadLetter();
    const before = await storedDeadLetters();
    const redriven = first.manager.redrive('w').catch((error) => error);
    await nextTurn();
    await grantToOutsider(2);
    clock.advanceBy(DURATION / 3);
    expect(await redriven).toBeInstanceOf(LeaseLostError);
    expect(first.byHand.contexts.at(-1)?.signal.aborted).toBe(true);
    expect(await storedDeadLetters()).toEqual(before);
  });

  it('a redrive renews an overdue lease first, and delivers nothing if another process has acquired the lease', async () => {
    const { clock, first, grantToOutsider } = await pairWithDeadLetter();
    await grantToOutsider(2);
    clock.frame += DURATION;
    const redriven = first.manager.redrive('w').catch((error) => error);
    await nextTurn();
    expect(first.byHand.seqNums).toEqual([1]);
    expect(await redriven).toBeInstanceOf(LeaseLostError);
  });
});
