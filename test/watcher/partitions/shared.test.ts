import { delay, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidStateError, StoreError } from '../../../src/errors.ts';
import { afterSequenceNumber } from '../../../src/event/event-iterator.ts';
import { span } from '../../../src/testing/conformance/support/requests.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { COUNT, DURATION, partitionAt, partitioned, storeKeyed, TOGETHER } from './partitioned.ts';

/** Starts two processes that share the partitions. */
function pair() {
  const all = partitioned();
  const [first, second] = [all.process('first', TOGETHER), all.process('second', TOGETHER)];
  first.watcher.start();
  second.watcher.start();
  return { ...all, first, second };
}

const finishAll = (...processes: readonly ReturnType<typeof pair>['first'][]) => {
  for (const { byHand } of processes) while (byHand.isBusy) byHand.finish(...byHand.inFlight);
};

describe('processes that share the partitions of a watcher', () => {
  it('a process runs all partitions of a watcher while no other process has that watcher', () => {
    const { process } = partitioned();
    const only = process('only');
    only.watcher.start();
    expect(only.owned()).toEqual(span(0, COUNT - 1));
    expect(only.watcher.stats().partitions?.[0]?.owner).toMatch(/^only \([0-9a-f]{8}\)$/);
  });

  it('a process that joins receives half of the partitions of a watcher, after the attempts in flight', () => {
    const { clock, first, second } = pair();
    clock.advanceBy(DURATION / 3);
    expect(second.owned()).toEqual([]);
    expect([second.state(), first.state()]).toEqual(['standby', 'running']);
    const moving = first.byHand.inFlight.filter((seqNum) => partitionAt(seqNum) >= 2);
    first.byHand.finish(...moving);
    expect([first.owned(), second.owned()]).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(second.byHand.seqNums.every((seqNum) => partitionAt(seqNum) >= 2)).toBe(true);
    expect(second.byHand.seqNums.some((seqNum) => moving.includes(seqNum))).toBe(false);
    expect(second.state()).toBe('running');
  });

  it('processes that share partitions handle each event once while processes join and stop', async () => {
    const { clock, first, second, process, store } = pair();
    finishAll(first);
    clock.advanceBy(DURATION);
    storeKeyed(store, 23, 44);
    finishAll(first, second);
    const third = process('third');
    third.watcher.start();
    clock.advanceBy(DURATION);
    storeKeyed(store, 45, 66);
    finishAll(first, second, third);
    await first.watcher.stop();
    clock.advanceBy(0);
    storeKeyed(store, 67, 88);
    finishAll(second, third);
    const handled = [first, second, third].flatMap(({ byHand }) => byHand.seqNums);
    expect(handled.sort((a, b) => a - b)).toEqual(span(1, 88));
    expect([second.owned().length, third.owned().length]).toEqual([2, 2]);
  });

  it('another process takes over the partitions of a stopped process immediately', async () => {
    const { clock, first, second } = pair();
    finishAll(first);
    clock.advanceBy(DURATION);
    expect(second.owned()).toHaveLength(2);
    await first.watcher.stop();
    expect([first.state(), second.owned()]).toEqual(['stopped', span(0, COUNT - 1)]);
  });

  it('another process takes over the partitions of a process that ends without a release, when the leases expire', async () => {
    const { clock, process, store } = partitioned();
    let isDead = false;
    const { leases } = store.internals;
    const dying = {
      ...store,
      internals: {
        ...store.internals,
        leases: leases && {
          ...leases,
          // Writes of the ended process never settle, so that it neither stores anything nor reports an error.
          store: (...args: Parameters<typeof leases.store>) =>
            isDead ? new Promise<never>(() => undefined) : leases.store(...args),
        },
      },
    };
    const first = process('first', {}, dying);
    const second = process('second');
    first.watcher.start();
    finishAll(first);
    second.watcher.start();
    clock.advanceBy(DURATION);
    expect(second.owned()).toEqual([2, 3]);
    isDead = true;
    clock.advanceBy((DURATION * 4) / 3 + 1);
    expect(second.owned()).toEqual(span(0, COUNT - 1));
    await nextTurn();
  });

  it('no partition is moved while the number of processes is constant', async () => {
    const { clock, first, second, process, store } = pair();
    const third = process('third');
    third.watcher.start();
    finishAll(first);
    clock.advanceBy(DURATION);
    finishAll(first, second, third);
    const tokens = async () =>
      [...(await firstValueFrom(store.leases()))].map(([id, { owner, token }]) => [id, owner, token]);
    const before = await tokens();
    expect([first, second, third].map(({ owned }) => owned().length)).toEqual([2, 1, 1]);
    clock.advanceBy(20 * DURATION);
    expect(await tokens()).toEqual(before);
  });

  it('processes without a partition stay in standby if there are more processes than partitions', () => {
    const { process, clock } = partitioned();
    const all = span(1, COUNT + 2).map((n) => process(`process ${n}`));
    for (const { watcher, byHand } of all) {
      watcher.start();
      while (byHand.isBusy) byHand.finish(...byHand.inFlight);
      clock.advanceBy(DURATION);
    }
    expect(all.map(({ owned }) => owned().length).sort()).toEqual([0, 0, 1, 1, 1, 1]);
    expect(all.map(({ state }) => state()).filter((state) => state === 'standby')).toHaveLength(2);
  });

  it('the slots of members are used again, so that their leases do not accumulate', async () => {
    const { process, store } = partitioned();
    for (const _ of span(1, 20)) {
      const one = process('restarting');
      one.watcher.start();
      const stopped = one.watcher.stop();
      while (one.byHand.isBusy) one.byHand.finish(...one.byHand.inFlight);
      await stopped;
    }
    expect((await firstValueFrom(store.leases())).size).toBe(COUNT + 1);
  });

  it('a partition is paused after it has moved to a process in which the watcher is paused', () => {
    const { clock, first, second } = pair();
    second.watcher.pause();
    finishAll(first);
    clock.advanceBy(DURATION);
    expect([second.owned(), second.state(), second.byHand.seqNums]).toEqual([[2, 3], 'paused', []]);
    second.watcher.resume();
    expect(second.state()).toBe('running');
  });

  it('whenProcessed and caughtUp$ report events that another process has handled', async () => {
    const { clock, first, second, store } = pair();
    finishAll(first);
    clock.advanceBy(DURATION);
    storeKeyed(store, 23, 44);
    const remote = span(23, 44).find((seqNum) => partitionAt(seqNum) >= 2) as number;
    const processed: number[] = [];
    const caughtUp: boolean[] = [];
    first.watcher.whenProcessed(remote).subscribe((seqNum) => processed.push(seqNum));
    first.watcher.caughtUp$.subscribe((isCaughtUp) => caughtUp.push(isCaughtUp));
    finishAll(first);
    clock.advanceBy(DURATION);
    expect([processed, caughtUp]).toEqual([[], [false]]);
    finishAll(second);
    clock.advanceBy(2000);
    expect([processed, caughtUp]).toEqual([[remote], [false, true]]);
  });

  it('caughtUp$ reports that another process has caught up even if each read of a checkpoint takes longer than a poll', () => {
    const { clock, process, store } = partitioned();
    const slow = {
      ...store,
      getCheckpoint: (id: string) => store.getCheckpoint(id).pipe(delay(400, clock)),
    };
    const [first, second] = [process('first', {}, slow), process('second')];
    second.watcher.start();
    finishAll(second);
    first.watcher.start();
    clock.advanceBy(2 * DURATION);
    finishAll(first, second);
    expect([first.owned().length, second.owned().length]).toEqual([2, 2]);
    const caughtUp: boolean[] = [];
    first.watcher.caughtUp$.subscribe((isCaughtUp) => caughtUp.push(isCaughtUp));
    clock.advanceBy(5000);
    expect(caughtUp.at(-1)).toBe(true);
  });

  it('a seek is rejected while other processes hold partitions of the watcher, and permitted when they have stopped', async () => {
    const { clock, first, second } = pair();
    finishAll(first);
    clock.advanceBy(DURATION);
    finishAll(second);
    const seeking = first.watcher.seek(afterSequenceNumber(20));
    await expect(seeking).rejects.toThrow(InvalidStateError);
    await expect(first.watcher.seek(afterSequenceNumber(20))).rejects.toThrow(/partitions 2, 3/);
    await second.watcher.stop();
    const before = first.byHand.seqNums.length;
    await first.watcher.seek(afterSequenceNumber(20));
    finishAll(first);
    expect(first.byHand.seqNums.slice(before).sort()).toEqual([21, 22]);
  });

  it('a process redrives the dead letters of its own partitions, and rejects dead letters of partitions of other processes', async () => {
    const { clock, store, process } = partitioned();
    const options = { retryStrategy: 'deadLetter', maxRetries: 0 } as const;
    const [first, second] = [process('first', options), process('second', options)];
    first.watcher.start();
    while (first.byHand.isBusy) first.byHand.fail(new Error('no'), first.byHand.inFlight[0]);
    second.watcher.start();
    clock.advanceBy(DURATION);
    const letters = async () => (await lastValueFrom(store.deadLetters('w').pipe(toArray()))).length;
    expect(await letters()).toBe(22);
    const remote = span(1, 22).find((seqNum) => partitionAt(seqNum) >= 2) as number;
    await expect(first.manager.redrive('w', { seqNums: [remote] })).rejects.toThrow(InvalidStateError);
    const redriven = first.manager.redrive('w');
    const own = span(1, 22).filter((seqNum) => partitionAt(seqNum) < 2);
    for (let count = 0; count < own.length; ) {
      if (first.byHand.isBusy) {
        first.byHand.finish();
        count++;
      } else await nextTurn();
    }
    expect((await redriven).map(({ seqNum }) => seqNum)).toEqual(own);
    expect(await letters()).toBe(22 - own.length);
  });

  it('no partition moves when a process joins again after it has lost the lease of its membership', async () => {
    const { clock, process, store } = partitioned();
    let isFailing = false;
    const when = (id: unknown) => isFailing && id === 'w [member 0]';
    const error = new StoreError('no answer');
    const first = process('first', {}, faultyStore(store, [{ method: 'storeLease', when, error }]));
    const second = process('second');
    first.watcher.start();
    finishAll(first);
    clock.advanceBy(DURATION / 4); // the second process reads the leases between two renewals of the first one
    second.watcher.start();
    clock.advanceBy(DURATION);
    finishAll(second);
    isFailing = true;
    const owned = new Set<string>();
    for (const _ of span(1, 24)) {
      clock.advanceBy(DURATION / 12);
      await nextTurn();
      owned.add(JSON.stringify([first.owned(), second.owned()]));
    }
    expect([...(await firstValueFrom(store.leases())).keys()]).toContain('w [member 2]');
    expect([...owned]).toEqual(['[[0,1],[2,3]]']);
  });

  it('processes that share partitions keep no timer after all of them have stopped', async () => {
    const { clock, first, second } = pair();
    finishAll(first);
    clock.advanceBy(DURATION);
    finishAll(second);
    await Promise.all([first.watcher.stop(), second.watcher.stop()]);
    expect(clock.timers).toBe(0);
  });
});
