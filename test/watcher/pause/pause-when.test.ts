import { BehaviorSubject, concat, defer, of, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { started } from '../../support/watcher/managed-watcher.ts';

/** Starts a watcher of three events with this `pauseWhen`. */
function startWith(pauseWhen: Subject<boolean> = new Subject()) {
  const all = started({ pauseWhen });
  const state = () => all.watcher.stats().state;
  return { ...all, pauseWhen, state };
}

describe('the option pauseWhen', () => {
  it('pauseWhen pauses the watcher when it emits true, and resumes the watcher when it emits false', () => {
    const { pauseWhen, byHand, state } = startWith();
    pauseWhen.next(true);
    expect(state()).toBe('paused');
    byHand.finish();
    expect(byHand.seqNums).toEqual([1]);
    pauseWhen.next(false);
    expect(state()).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('pauseWhen prevents deliveries if it emits true when the watcher starts', () => {
    const { pauseWhen, byHand, state } = startWith(new BehaviorSubject(true));
    expect(state()).toBe('paused');
    expect(byHand.seqNums).toEqual([]);
    pauseWhen.next(false);
    expect(byHand.seqNums).toEqual([1]);
  });

  it.each([
    [true, 'paused', []],
    [false, 'running', [1]],
  ])('pauseWhen keeps the effect of its last value %s after it completes', (last, state, seqNums) => {
    const { watcher, byHand } = started({ pauseWhen: of(last) });
    expect(watcher.stats().state).toBe(state);
    expect(byHand.seqNums).toEqual(seqNums);
  });

  it.each([
    [true, 'paused'],
    [false, 'running'],
  ])(
    'a watcher subscribes to pauseWhen again after an error, and keeps the effect of the last value %s meanwhile',
    (last, state) => {
      const error = new Error('broken');
      let subscriptions = 0;
      const pauseWhen = defer(() => {
        const broken = concat(
          of(last),
          throwError(() => error),
        );
        return ++subscriptions < 3 ? broken : of(!last);
      });
      const { watcher, clock, byHand } = started({ pauseWhen, initialBackoff: 10 });
      const { signal } = byHand.contexts[0] ?? {};
      expect(watcher.stats()).toMatchObject({ state, lastError: error });
      clock.advanceBy(29);
      expect(watcher.stats().state).toBe(state);
      clock.advanceBy(1);
      expect(watcher.stats().state).toBe(last ? 'running' : 'paused');
      expect(byHand.seqNums).toEqual([1]);
      expect(signal?.aborted ?? false).toBe(false);
      expect(clock.timers).toBe(0);
    },
  );

  it('pauseWhen does not delay a stop after it has errored', async () => {
    const { watcher, clock } = started({ pauseWhen: throwError(() => new Error('no')), events: 0 });
    expect(clock.timers).toBe(1);
    await watcher.stop();
    expect(clock.timers).toBe(0);
  });

  it('a watcher that pauseWhen and pause() have paused resumes only after the value false and a call of resume()', () => {
    const { pauseWhen, watcher, byHand, state } = startWith();
    byHand.finish();
    pauseWhen.next(true);
    watcher.pause();
    byHand.finish();
    watcher.resume();
    expect(state()).toBe('paused');
    watcher.pause();
    pauseWhen.next(false);
    expect(state()).toBe('paused');
    expect(byHand.seqNums).toEqual([1, 2]);
    watcher.resume();
    expect(state()).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2, 3]);
  });

  it('a watcher subscribes to pauseWhen only during a run', async () => {
    const { pauseWhen, watcher, byHand } = startWith();
    expect(pauseWhen.observed).toBe(true);
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    expect(pauseWhen.observed).toBe(false);
    watcher.start();
    expect(pauseWhen.observed).toBe(true);
  });

  it('pauseWhen does not delay a stop while its last value is true', async () => {
    const { pauseWhen, watcher, byHand, state } = startWith();
    pauseWhen.next(true);
    byHand.finish();
    await watcher.stop();
    expect(state()).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a handler can pause its watcher by making pauseWhen emit true', () => {
    const pauseWhen = new BehaviorSubject(false);
    const seqNums: number[] = [];
    const { watcher } = started({
      pauseWhen,
      handler: ({ seqNum }) => {
        seqNums.push(seqNum);
        pauseWhen.next(seqNum === 2);
      },
    });
    expect(seqNums).toEqual([1, 2]);
    expect(watcher.stats().state).toBe('paused');
  });
});
