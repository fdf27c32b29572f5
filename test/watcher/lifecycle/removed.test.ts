import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { InvalidStateError } from '../../../src/errors.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import type { Manager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed, started } from '../../support/watcher/managed-watcher.ts';

describe('a removed watcher', () => {
  const removed = async () => {
    const all = managed();
    await all.manager.remove('w');
    return all;
  };

  it.each<[string, (watcher: Watcher) => void]>([
    ['start', (watcher) => watcher.start()],
    ['pause', (watcher) => watcher.pause()],
    ['resume', (watcher) => watcher.resume()],
  ])('a removed watcher throws an InvalidStateError for a call of %s', async (_name, act) => {
    const { watcher } = await removed();
    expect(() => act(watcher)).toThrow(InvalidStateError);
    expect(() => act(watcher)).toThrow(/'w'.*removed/);
  });

  it.each<[string, (watcher: Watcher) => Promise<void>]>([
    ['seek', (watcher) => watcher.seek(afterSequenceNumber(0))],
    ['checkpoint', (watcher) => watcher.checkpoint(0)],
  ])('a removed watcher rejects a call of %s with an InvalidStateError', async (_name, act) => {
    const { watcher, stored } = await removed();
    await expect(act(watcher)).rejects.toThrow(InvalidStateError);
    expect(await stored()).toBeUndefined();
  });

  it('a removed watcher throws an InvalidStateError for a call of setHandler', async () => {
    const { manager, watcher } = managed({ handler: undefined });
    await manager.remove('w');
    expect(() => watcher.setHandler(() => undefined)).toThrow(InvalidStateError);
  });

  it('a removed watcher resolves a call of stop', async () => {
    const { watcher } = await removed();
    await watcher.stop();
    expect(watcher.stats().state).toBe('stopped');
  });
});

describe('a watcher during its removal', () => {
  /** Starts the removal of a watcher with event 1 in flight. */
  const removing = () => {
    const all = started();
    return { ...all, removed: all.manager.remove('w') };
  };

  it('a watcher rejects a call of seek during its removal', async () => {
    const { watcher, byHand, removed } = removing();
    const sought = expect(watcher.seek(afterSequenceNumber(0))).rejects.toThrow(InvalidStateError);
    byHand.finish();
    await Promise.all([removed, sought]);
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a seek that was called before the removal of its watcher does not start the watcher again', async () => {
    const { manager, watcher, byHand } = started();
    const sought = watcher.seek(afterSequenceNumber(0));
    const removed = manager.remove('w');
    byHand.finish();
    await Promise.all([removed, sought]);
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a watcher rejects a call of start during its removal by a subscriber that is notified of state stopped', async () => {
    const { watcher, byHand, removed } = removing();
    const rejections: unknown[] = [];
    watcher.stats$.subscribe(({ state }) => {
      if (state !== 'stopped') return;
      try {
        watcher.start();
      } catch (error) {
        rejections.push(error);
      }
    });
    byHand.finish();
    await removed;
    expect(rejections[0]).toBeInstanceOf(InvalidStateError);
    expect(byHand.seqNums).toEqual([1]);
  });

  it('removing a watcher twice does not affect a new watcher with the same id', async () => {
    const { manager, byHand, removed } = removing();
    const again = manager.remove('w');
    const other = new ManualHandler();
    manager.watchers$.subscribe((watchers) => {
      if (watchers.length === 0) manager.create('w', { handler: other.handler, autoStart: true });
    });
    byHand.finish();
    await Promise.all([removed, again]);
    expect(manager.lookup('w').stats().state).toBe('running');
    expect(other.seqNums).toEqual([2]);
  });

  it('a watcher that its own handler removes is removed only after the attempt in flight', async () => {
    const outcomes: number[] = [];
    const whileInside: number[] = [];
    const { manager, watcher, stored }: ReturnType<typeof managed> & { manager: Manager } = managed({
      handler: async () => {
        await manager.remove('w');
        whileInside.push(manager.watchers().length);
      },
    });
    watcher.outcomes$.subscribe({
      next: ({ seqNum }) => outcomes.push(seqNum),
      complete: () => outcomes.push(0),
    });
    watcher.start();
    await nextTurn();
    expect(whileInside).toEqual([1]);
    expect(manager.watchers()).toEqual([]);
    expect(outcomes).toEqual([1, 0]);
    expect(await stored()).toBe(1);
  });
});
