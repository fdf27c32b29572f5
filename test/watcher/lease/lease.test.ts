import { describe, expect, it } from 'vitest';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { DURATION, leaseCandidates } from './lease-candidates.ts';

/** Two of them: the first is handling the first event, the second stands by. */
function pair() {
  const all = leaseCandidates();
  const [first, second] = [all.candidate('first'), all.candidate('second')];
  first.watcher.start();
  second.watcher.start();
  return { ...all, first, second };
}

describe('of two watchers that share an id', () => {
  it('the first to start runs, and the other stands by, however long', async () => {
    const { clock, first, second, lease } = pair();
    clock.advanceBy(100 * DURATION);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    first.byHand.finish();
    expect([first.byHand.seqNums, second.byHand.seqNums]).toEqual([[1, 2], []]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('the other goes on at the very moment at which the first has stopped, behind what that has handled', async () => {
    const { first, second, lease } = pair();
    const stopped = first.watcher.stop();
    expect(second.state()).toBe('standby');
    first.byHand.finish();
    expect(second.byHand.seqNums).toEqual([2]);
    expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
    await stopped;
    expect(await lease()).toMatchObject({ owner: 'second', token: 2 });
  });

  it('the other goes on when the first is removed, or its manager stopped', async () => {
    for (const end of ['remove', 'stop'] as const) {
      const { first, second } = pair();
      for (let event = 1; event <= 3; event++) first.byHand.finish();
      await (end === 'remove' ? first.manager.remove('w') : first.manager.stop());
      expect([first.state(), second.state()]).toEqual(['stopped', 'running']);
    }
  });

  it('the other goes on when the first fails', () => {
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

  it('the first stands by when it is started again while the other runs', async () => {
    const { first, second } = pair();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    first.watcher.start();
    expect([first.state(), second.state()]).toEqual(['standby', 'running']);
  });

  it('each has its own lease for each id', () => {
    const { candidate } = leaseCandidates();
    const [first, second] = [candidate('first'), candidate('second')];
    first.watcher.start();
    const other = second.manager.create('other', { handler: second.byHand.handler, autoStart: true });
    expect([first.state(), other.stats().state]).toEqual(['running', 'running']);
  });

  it('the other tells the checkpoint and the lag of the first, and counts for itself', () => {
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

  it('whoever waits for an event to be processed by the other is told when that takes over behind it', async () => {
    const { first, second } = pair();
    let isDone = false;
    second.watcher.whenProcessed(1).subscribe({
      complete: () => {
        isDone = true;
      },
    });
    first.byHand.finish();
    expect(isDone).toBe(false);
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(isDone).toBe(true);
  });

  it('none keeps a timer once it is stopped', async () => {
    const { clock, first, second } = pair();
    expect(clock.timers).toBeGreaterThan(0);
    await second.watcher.stop();
    const stopped = first.watcher.stop();
    first.byHand.finish();
    await stopped;
    expect(clock.timers).toBe(0);
  });
});

describe('a watcher that stands by', () => {
  it('takes over when the holder gave no sign of himself for the duration of the lease', async () => {
    const { clock, candidate, grantToOutsider, lease } = leaseCandidates();
    await grantToOutsider(7);
    const { watcher, byHand, state } = candidate('heir');
    watcher.start();
    clock.advanceBy(DURATION - 1);
    expect([state(), byHand.seqNums]).toEqual(['standby', []]);
    clock.advanceBy(1);
    expect([state(), byHand.seqNums]).toEqual(['running', [1]]);
    expect(await lease()).toMatchObject({ owner: 'heir', token: 8 });
  });

  it('waits anew behind each sign', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, state } = candidate('heir');
    watcher.start();
    for (let signs = 0; signs < 5; signs++) {
      clock.advanceBy((2 * DURATION) / 3 - 1);
      await grantToOutsider(1);
    }
    expect(state()).toBe('standby');
    clock.advanceBy(DURATION / 3 + DURATION);
    expect(state()).toBe('running');
  });

  it('makes one of several that take over at the same moment', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const all = ['a', 'b', 'c'].map((owner) => candidate(owner));
    for (const { watcher } of all) watcher.start();
    clock.advanceBy(DURATION);
    expect(all.map(({ state }) => state())).toEqual(['running', 'standby', 'standby']);
    expect(all.map(({ byHand }) => byHand.seqNums)).toEqual([[1], [], []]);
  });

  it('can be stopped at once, and leaves the lease alone', async () => {
    const { clock, candidate, grantToOutsider, lease } = leaseCandidates();
    await grantToOutsider(1);
    const before = await lease();
    const { watcher, state } = candidate('heir');
    watcher.start();
    const stopped = watcher.stop();
    expect(state()).toBe('stopped');
    await stopped;
    expect(clock.timers).toBe(0);
    expect(await lease()).toEqual(before);
  });

  it('stops when its store is closed', async () => {
    const { clock, candidate, grantToOutsider, store } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, state } = candidate('heir');
    watcher.start();
    await store.close();
    await nextTurn();
    expect([state(), clock.timers]).toEqual(['stopped', 0]);
  });

  it('that is paused hands nothing over when it takes over, until it is resumed', async () => {
    const { clock, candidate, grantToOutsider } = leaseCandidates();
    await grantToOutsider(1);
    const { watcher, byHand, state } = candidate('heir');
    watcher.start();
    watcher.pause();
    expect(state()).toBe('standby');
    clock.advanceBy(DURATION);
    expect([state(), byHand.seqNums]).toEqual(['paused', []]);
    watcher.resume();
    expect([state(), byHand.seqNums]).toEqual(['running', [1]]);
  });

  it('has handed over everything once, whoever had the lease', async () => {
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
    const handed = all.flatMap(({ byHand }) => byHand.seqNums);
    expect(handed.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { byHand } of all) expect(byHand.seqNums.length).toBeGreaterThan(5);
  });
});
