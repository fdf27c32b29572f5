import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../support/next-turn.ts';
import { DURATION, leaseCandidates } from './lease-candidates.ts';

/** Starts two watchers: the first has event 1 in flight, the second is in standby. */
function pair() {
  const all = leaseCandidates();
  const [first, second] = [all.candidate('first'), all.candidate('second')];
  first.watcher.start();
  second.watcher.start();
  return { ...all, first, second };
}

describe('two watchers in different managers that share an id and a lease', () => {
  it('one of two watchers that share a lease runs, and the second one stays in standby without a time limit', async () => {
    const { clock, first, second, lease } = pair();
    clock.advanceBy(100 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    first.byHand.finish();
    expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([[1, 2], []]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('a watcher that stops passes its lease on immediately, and the next holder continues after the handled events', async () => {
    const { first, second, lease } = pair();
    const stopped = first.watcher.stop();
    expect(second.state()).toBe('standby');
    first.byHand.finish();
    expect(second.byHand.seqNums).toEqual([2]);
    expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
    await stopped;
    expect(await lease()).toMatchObject({ owner: 'second', token: 2 });
  });

  it('a watcher passes its lease on if it is removed or its manager stops', async () => {
    for (const end of ['remove', 'stop'] as const) {
      const { first, second } = pair();
      for (let event = 1; event <= 3; event++) first.byHand.finish();
      await (end === 'remove' ? first.manager.remove('w') : first.manager.stop());
      expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
    }
  });

  it('a watcher that fails passes its lease on', () => {
    const { candidate } = leaseCandidates();
    const [first, second] = [
      candidate('first', { retryStrategy: 'stop', maxRetries: 0 }),
      candidate('second'),
    ];
    first.watcher.start();
    second.watcher.start();
    first.byHand.fail(new Error('not here'));
    expect([first.state(), second.state()]).toEqual(['failed', 'running']);
    expect(second.byHand.seqNums).toEqual([1]);
  });

  it('a watcher that is restarted stays in standby if another watcher has acquired the lease meanwhile', async () => {
    const { first, second } = pair();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    first.watcher.start();
    expect([first.state(), second.state()]).toEqual(['standby', 'running']);
  });

  it('a held lease does not prevent a watcher with another id from running', () => {
    const { candidate } = leaseCandidates();
    const [first, second] = [candidate('first'), candidate('second')];
    first.watcher.start();
    const other = second.manager.create('other', { handler: second.byHand.handler, autoStart: true });
    expect([first.state(), other.stats().state]).toEqual(['running', 'running']);
  });

  it('a standby watcher reports the checkpoint and lag of the lease holder in its stats, but counts no events as handled', () => {
    const { first, second } = pair();
    first.byHand.finish();
    expect(second.watcher.stats()).toMatchObject({
      checkpointIterator: { sequenceNumber: 1 },
      lag: 2,
      handled: 0,
    });
    first.byHand.finish();
    expect(second.watcher.stats()).toMatchObject({ checkpointIterator: { sequenceNumber: 2 }, lag: 1 });
  });

  it('whenProcessed of a standby watcher completes if the watcher acquires the lease after that event was handled', async () => {
    const { first, second } = pair();
    let isComplete = false;
    second.watcher.whenProcessed(1).subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    first.byHand.finish();
    expect(isComplete).toBe(false);
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(isComplete).toBe(true);
  });

  it('two watchers that share a lease keep no timer after both are stopped', async () => {
    const { clock, first, second } = pair();
    expect(clock.timers).toBeGreaterThan(0);
    await second.watcher.stop();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(clock.timers).toBe(0);
  });
});

describe('a watcher in standby', () => {
  it('a standby watcher acquires the lease if the holder has not renewed the lease for the whole lease duration', async () => {
    const { clock, candidate, grantToOutsider, lease } = leaseCandidates();
    await grantToOutsider(7);
    const { watcher, byHand, state } = candidate('next');
    watcher.start();
    clock.advanceBy(DURATION - 1);
    expect([state(), byHand.seqNums]).toEqual(['standby', []]);
    clock.advanceBy(1);
    expect([state(), byHand.seqNums]).toEqual(['running', [1]]);
    expect(await lease()).toMatchObject({ owner: 'next', token: 8 });
  });

  it('a standby watcher waits for the whole lease duration again after each renewal by the holder', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, state } = candidate('next');
    watcher.start();
    for (let renewals = 0; renewals < 5; renewals++) {
      clock.advanceBy((2 * DURATION) / 3 - 1);
      await grantToOutsider(1);
    }
    expect(state()).toBe('standby');
    clock.advanceBy(DURATION / 3 + DURATION);
    expect(state()).toBe('running');
  });

  it('only one of several standby watchers acquires an expired lease, even if all try at the same time', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const all = ['a', 'b', 'c'].map((owner) => candidate(owner));
    for (const { watcher } of all) watcher.start();
    clock.advanceBy(DURATION);
    expect(all.map(({ state }) => state())).toEqual(['running', 'standby', 'standby']);
    expect(all.map(({ byHand }) => byHand.seqNums)).toEqual([[1], [], []]);
  });

  it('a standby watcher stops immediately, and does not change the lease', async () => {
    const { clock, candidate, grantToOutsider, lease } = leaseCandidates();
    await grantToOutsider(1);
    const before = await lease();
    const { watcher, state } = candidate('next');
    watcher.start();
    const stopped = watcher.stop();
    expect(state()).toBe('stopped');
    await stopped;
    expect(clock.timers).toBe(0);
    expect(await lease()).toEqual(before);
  });

  it('a standby watcher stops when its store closes', async () => {
    const { clock, candidate, grantToOutsider, store } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, state } = candidate('next');
    watcher.start();
    await store.close();
    await nextTurn();
    expect([state(), clock.timers]).toEqual(['stopped', 0]);
  });

  it('a standby watcher is paused after it acquires the lease if pause was called in standby', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, byHand, state } = candidate('next');
    watcher.start();
    watcher.pause();
    expect(state()).toBe('standby');
    clock.advanceBy(DURATION);
    expect([state(), byHand.seqNums]).toEqual(['paused', []]);
    watcher.resume();
    expect([state(), byHand.seqNums]).toEqual(['running', [1]]);
  });

  it('a watcher that acquires a lease delivers only events that earlier holders of the lease have not handled', async () => {
    const { candidate } = leaseCandidates(20);
    const all = ['a', 'b', 'c'].map((owner) => candidate(owner));
    for (const { watcher } of all) watcher.start();
    while (all.some(({ byHand }) => byHand.isBusy)) {
      const active = all.find(({ byHand }) => byHand.isBusy);
      const stopped = active?.watcher.stop();
      active?.byHand.finish();
      await stopped;
      active?.watcher.start();
    }
    const delivered = all.flatMap(({ byHand }) => byHand.seqNums);
    expect(delivered.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { byHand } of all) expect(byHand.seqNums.length).toBeGreaterThan(5);
  });
});
