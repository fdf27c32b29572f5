import { describe, expect, it } from 'vitest';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

describe('a paused watcher', () => {
  it('a paused watcher does not interrupt the attempt in flight, and delivers nothing else', async () => {
    const { watcher, byHand, stored } = started();
    watcher.pause();
    expect(watcher.stats().state).toBe('paused');
    byHand.finish();
    await nextTurn();
    expect(byHand.seqNums).toEqual([1]);
    expect(watcher.stats()).toMatchObject({ state: 'paused', handled: 1 });
    expect(await stored()).toBe(1);
  });

  it('a paused watcher continues with the next event when it is resumed', () => {
    const { watcher, byHand } = started();
    watcher.pause();
    byHand.finish();
    watcher.resume();
    expect(byHand.seqNums).toEqual([1, 2]);
    expect(watcher.stats().state).toBe('running');
  });

  it('a watcher that is paused and resumed during an attempt continues after that attempt', () => {
    const { watcher, byHand } = started();
    watcher.pause();
    watcher.resume();
    expect(byHand.seqNums).toEqual([1]);
    byHand.finish();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a paused watcher makes no retry when a backoff ends, but retries immediately when it is resumed', () => {
    const { clock, watcher, byHand } = started({ initialBackoff: 100 });
    byHand.fail(new Error('no'));
    watcher.pause();
    clock.advanceBy(1000);
    expect(byHand.seqNums).toEqual([1]);
    watcher.resume();
    expect(byHand.seqNums).toEqual([1, 1]);
  });

  it('a backoff is not shorter if the watcher is paused and resumed during that backoff', () => {
    const { clock, watcher, byHand } = started({ initialBackoff: 100 });
    byHand.fail(new Error('no'));
    watcher.pause();
    watcher.resume();
    clock.advanceBy(99);
    expect(byHand.seqNums).toEqual([1]);
    clock.advanceBy(1);
    expect(byHand.seqNums).toEqual([1, 1]);
  });

  it('a resumed watcher waits for the rest of the backoff if the attempt in flight failed during the pause', () => {
    const { clock, watcher, byHand } = started({ initialBackoff: 100 });
    watcher.pause();
    byHand.fail(new Error('no'));
    watcher.resume();
    expect(byHand.seqNums).toEqual([1]);
    clock.advanceBy(100);
    expect(byHand.seqNums).toEqual([1, 1]);
  });

  it('a paused watcher delivers events that are stored during the pause only after it is resumed, and keeps no timer', () => {
    const { clock, store, watcher, byHand } = started({ events: 0 });
    watcher.pause();
    fillUp(store, 2);
    clock.advanceBy(100_000);
    expect(byHand.seqNums).toEqual([]);
    expect(clock.timers).toBe(0);
    watcher.resume();
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a watcher ignores repeated calls of pause and resume', () => {
    const { watcher, byHand } = started();
    const states: string[] = [];
    watcher.stats$.subscribe(({ state }) => states.push(state));
    watcher.pause();
    watcher.pause();
    byHand.finish();
    watcher.resume();
    watcher.resume();
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
      'running',
      'paused',
      'running',
    ]);
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});

describe('a call of pause inside the handler', () => {
  it.each(['synchronously', 'asynchronously'])(
    'a watcher delivers no event after the event of a handler that calls pause %s',
    async (when) => {
      const seqNums: number[] = [];
      const { watcher }: { watcher: Watcher } = managed({
        autoStart: false,
        handler: ({ seqNum }) => {
          seqNums.push(seqNum);
          if (seqNum !== 2) return undefined;
          if (when === 'asynchronously') return nextTurn().then(() => watcher.pause());
          return watcher.pause();
        },
      });
      watcher.start();
      await nextTurn();
      await nextTurn();
      expect(seqNums).toEqual([1, 2]);
      expect(watcher.stats()).toMatchObject({ state: 'paused', handled: 2 });
      watcher.resume();
      expect(seqNums).toEqual([1, 2, 3]);
    },
  );

  it('a call of pause inside the handler has no effect if the handler then calls resume', () => {
    const { watcher }: { watcher: Watcher } = managed({
      handler: () => {
        watcher.pause();
        watcher.resume();
      },
    });
    watcher.start();
    expect(watcher.stats()).toMatchObject({ state: 'running', handled: 3 });
  });
});
