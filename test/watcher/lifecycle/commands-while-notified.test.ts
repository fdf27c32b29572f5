import { filter, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Watcher, WatcherState } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { managed } from '../managed.ts';

/** Does something at the very moment at which somebody is told of a state. */
const asSoonAs = (watcher: Watcher, state: WatcherState, act: () => void): void =>
  void watcher.stats$
    .pipe(
      map((stats) => stats.state),
      filter((present) => present === state),
      take(1),
    )
    .subscribe(act);

describe('whoever is told of a state of a watcher', () => {
  it('may pause it as it starts: nothing is handed over', () => {
    const { watcher, byHand } = managed();
    asSoonAs(watcher, 'running', () => watcher.pause());
    watcher.start();
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([]);
    watcher.resume();
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('may stop it as it starts: nothing is handed over', async () => {
    const { watcher, byHand } = managed();
    asSoonAs(watcher, 'running', () => void watcher.stop());
    watcher.start();
    await nextTurn();
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([]);
  });

  it('may resume it as it is paused', () => {
    const { watcher, byHand } = managed();
    asSoonAs(watcher, 'paused', () => watcher.resume());
    watcher.start();
    watcher.pause();
    expect(watcher.stats().state).toBe('running');
    byHand.finish();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it('may pause it as it is resumed: nothing is handed over', () => {
    const { watcher, byHand } = managed();
    watcher.start();
    watcher.pause();
    byHand.finish();
    asSoonAs(watcher, 'running', () => watcher.pause());
    watcher.resume();
    expect(watcher.stats().state).toBe('paused');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('may not start it as it stops, but as it is stopped', async () => {
    const { watcher, byHand } = managed();
    let refused: unknown;
    watcher.start();
    asSoonAs(watcher, 'stopping', () => {
      try {
        watcher.start();
      } catch (error) {
        refused = error;
      }
    });
    asSoonAs(watcher, 'stopped', () => watcher.start());
    const stopped = watcher.stop();
    byHand.finish();
    await stopped;
    expect(refused).toMatchObject({ code: 'ERR_INVALID_STATE' });
    expect(watcher.stats().state).toBe('running');
    expect(byHand.seqNums).toEqual([1, 2]);
  });
});

it('a listener of the stats or the outcomes that throws harms nobody but itself', () => {
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
