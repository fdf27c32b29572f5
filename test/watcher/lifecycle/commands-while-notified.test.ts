import { filter, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { WatcherState } from '../../../src/store/monitoring/watcher-state.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

/** Calls a function synchronously when `stats$` first emits a state. */
const onState = (watcher: Watcher, state: WatcherState, act: () => void): void =>
  void watcher.stats$
    .pipe(
      map((stats) => stats.state),
      filter((present) => present === state),
      take(1),
    )
    .subscribe(act);

describe('a subscriber of stats$', () => {
  it('a subscriber of stats$ can pause the watcher when it is notified of the start, before any delivery', () => {
    const { watcher, byHand } = managed();
    onState(watcher, 'running', () => watcher.pause());
    watcher.start();
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([]);
    watcher.resume();
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a subscriber of stats$ can stop the watcher when it is notified of the start, before any delivery', async () => {
    const { watcher, byHand } = managed();
    onState(watcher, 'running', () => void watcher.stop());
    watcher.start();
    await nextTurn();
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([]);
  });

  it('a subscriber of stats$ can resume the watcher when it is notified of the pause', () => {
    const { watcher, byHand } = managed();
    onState(watcher, 'paused', () => watcher.resume());
    watcher.start();
    watcher.pause();
    expect(watcher.stats().state).toBe('running');
    byHand.finish();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('a subscriber of stats$ can pause the watcher when it is notified of the resume, before any delivery', () => {
    const { watcher, byHand } = started();
    watcher.pause();
    byHand.finish();
    onState(watcher, 'running', () => watcher.pause());
    watcher.resume();
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a subscriber of stats$ can start the watcher when it is notified of state stopped, but not of state stopping', async () => {
    const { watcher, byHand } = managed();
    let rejection: unknown;
    watcher.start();
    onState(watcher, 'stopping', () => {
      try {
        watcher.start();
      } catch (error) {
        rejection = error;
      }
    });
    onState(watcher, 'stopped', () => watcher.start());
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    expect(rejection).toMatchObject({ code: 'ERR_INVALID_STATE' });
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});

it('a watcher continues to run if a subscriber of stats$ or outcomes$ throws an error', () => {
  const { watcher, byHand } = managed({ events: 2 });
  const broken: unknown[] = [];
  const fail = () => {
    throw new Error('a listener');
  };
  watcher.stats$.pipe(map(fail)).subscribe({ error: (error) => broken.push(error) });
  watcher.outcomes$.pipe(map(fail)).subscribe({ error: (error) => broken.push(error) });
  watcher.start();
  byHand.finish();
  byHand.finish();
  expect(broken).toHaveLength(2);
  expect(watcher.stats()).toMatchObject({ state: 'running', handled: 2 });
});
