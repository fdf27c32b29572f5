import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidStateError, LeaseLostError } from '../../../src/errors.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { DURATION, rivals } from './rivals.ts';

/** Two of them: the first has handled the first event and is handling the second; the other stands by. */
function pair(options: Parameters<ReturnType<typeof rivals>['rival']>[1] = {}) {
  const all = rivals();
  const [first, second] = [all.rival('first', options), all.rival('second', options)];
  first.watcher.start();
  second.watcher.start();
  first.byHand.finish();
  return { ...all, first, second };
}

describe('a seek of a watcher under a lease', () => {
  it('keeps the lease, so that no other takes over in between', async () => {
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

  it('from inside its handler does so, too', async () => {
    const { rival, lease } = rivals();
    const seen: number[] = [];
    let isSought = false;
    const first: { readonly watcher: Watcher } = rival('first', {
      handler: async ({ seqNum }) => {
        seen.push(seqNum);
        if (seqNum !== 3 || isSought) return;
        isSought = true;
        await first.watcher.seek(afterSequenceNumber(1));
      },
    });
    const second = rival('second');
    first.watcher.start();
    second.watcher.start();
    for (let turns = 0; turns < 20; turns++) await nextTurn();
    expect(seen).toEqual([1, 2, 3, 2, 3]);
    expect(second.state()).toBe('standby');
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('is refused while it stands by, and moves nothing', async () => {
    const { first, second, stored } = pair();
    await expect(second.watcher.seek(afterSequenceNumber(0))).rejects.toBeInstanceOf(InvalidStateError);
    expect([first.state(), second.state()]).toEqual(['running', 'standby']);
    expect(await stored()).toBe(1);
  });

  it('is refused when it is stopped and another runs', async () => {
    const { second, stored } = pair();
    await second.watcher.stop();
    await expect(second.watcher.seek(afterSequenceNumber(0))).rejects.toThrow('not the owner of its lease');
    expect([second.state(), await stored()]).toEqual(['stopped', 1]);
  });

  it('takes the lease if it is free, and runs', async () => {
    const { rival, lease } = rivals();
    const { watcher, byHand, state } = rival('first');
    await watcher.seek(afterSequenceNumber(2));
    expect([state(), byHand.seqNums]).toEqual(['running', [3]]);
    expect(await lease()).toMatchObject({ owner: 'first', token: 1 });
  });

  it('recovers one that has failed', async () => {
    const { rival } = rivals();
    const { watcher, byHand, state } = rival('first', { retryStrategy: 'stop', maxRetries: 0 });
    watcher.start();
    byHand.fail(new Error('no'));
    expect(state()).toBe('failed');
    await watcher.seek(afterSequenceNumber(1));
    expect([state(), byHand.seqNums]).toEqual(['running', [1, 2]]);
  });

  it('that a stop overtakes gives the lease back', async () => {
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

  it('is refused when the lease is lost meanwhile, and moves nothing', async () => {
    const { first, sign, stored } = pair();
    await sign(2);
    const sought = first.watcher.seek(afterSequenceNumber(0)).catch((error) => error);
    await nextTurn();
    first.byHand.finish();
    expect(await sought).toBeInstanceOf(LeaseLostError);
    expect(await stored()).toBe(1);
  });
});

describe('a checkpoint of a watcher under a lease', () => {
  it('is stored by the active one alone', async () => {
    const { first, second, stored } = pair({ checkpoint: 'manual' });
    await expect(second.watcher.checkpoint(0)).rejects.toBeInstanceOf(InvalidStateError);
    await first.watcher.checkpoint(2);
    expect(await stored()).toBe(2);
  });

  it('is refused to one that has stopped while another runs, and taken from it if none does', async () => {
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

describe('a redrive of a watcher under a lease', () => {
  /** The first has given up the first event, and waits at the tail; the other stands by. */
  async function withLetter() {
    const all = rivals(1);
    const options = { retryStrategy: 'deadLetter', maxRetries: 0 } as const;
    const [first, second] = [all.rival('first', options), all.rival('second', options)];
    first.watcher.start();
    second.watcher.start();
    first.byHand.fail(new Error('no'));
    await nextTurn();
    const letters = () => firstValueFrom(all.store.deadLetters('w').pipe(toArray()));
    return { ...all, first, second, letters };
  }

  it('is done by the active one', async () => {
    const { first, letters } = await withLetter();
    const redriven = first.manager.redrive('w');
    await nextTurn();
    first.byHand.finish();
    expect(await redriven).toMatchObject([{ status: 'handled', seqNum: 1 }]);
    expect(await letters()).toEqual([]);
  });

  it('is refused to one that stands by', async () => {
    const { second, letters } = await withLetter();
    await expect(second.manager.redrive('w')).rejects.toBeInstanceOf(InvalidStateError);
    expect([second.byHand.seqNums, second.state()]).toEqual([[], 'standby']);
    expect(await letters()).toHaveLength(1);
  });

  it('is done by one that is stopped, if none runs; it has the lease for that time', async () => {
    const { first, second, lease } = await withLetter();
    await Promise.all([second.watcher.stop(), first.watcher.stop()]);
    const redriven = first.manager.redrive('w');
    await nextTurn();
    expect(await lease()).toMatchObject({ owner: 'first' });
    first.byHand.finish();
    await redriven;
    expect(await lease()).not.toHaveProperty('owner');
  });

  it('ends when the lease is lost: the attempt is aborted, and the letter stays as it is', async () => {
    const { clock, first, sign, letters } = await withLetter();
    const before = await letters();
    const redriven = first.manager.redrive('w').catch((error) => error);
    await nextTurn();
    await sign(2);
    clock.advanceBy(DURATION / 3);
    expect(await redriven).toBeInstanceOf(LeaseLostError);
    expect(first.byHand.contexts.at(-1)?.signal.aborted).toBe(true);
    expect(await letters()).toEqual(before);
  });

  it('renews the lease first when its time is up, and hands no letter over if another has it', async () => {
    const { clock, first, sign } = await withLetter();
    await sign(2);
    clock.frame += DURATION;
    const redriven = first.manager.redrive('w').catch((error) => error);
    await nextTurn();
    expect(first.byHand.seqNums).toEqual([1]);
    expect(await redriven).toBeInstanceOf(LeaseLostError);
  });
});
