import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { InvalidStateError } from '../../../src/errors.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import type { Manager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';

interface Inside {
  readonly watcher: Watcher;
  readonly manager: Manager;
}

/** Calls a function once inside the handler of the second of four events, and returns the delivered events. */
async function inside(act: (all: Inside) => unknown) {
  const seqNums: number[] = [];
  let wasCalled = false;
  const all = managed({
    events: 4,
    handler: async ({ seqNum }) => {
      seqNums.push(seqNum);
      if (seqNum !== 2 || wasCalled) return;
      wasCalled = true;
      await act(all);
    },
  });
  all.watcher.start();
  for (let turns = 0; turns < 5; turns++) await nextTurn();
  return { ...all, seqNums, state: all.watcher.stats().state };
}

describe('a watcher with a handler that calls methods of the watcher', () => {
  it('a call of start inside the handler throws an InvalidStateError', async () => {
    const { seqNums } = await inside(({ watcher }) =>
      expect(() => watcher.start()).toThrow(InvalidStateError),
    );
    expect(seqNums).toEqual([1, 2, 3, 4]);
  });

  it('whenProcessed does not complete for the event that is in the handler', async () => {
    const seen: boolean[] = [];
    await inside(({ watcher }) => {
      seen.push(note(watcher.whenProcessed(1)).isComplete, note(watcher.whenProcessed(2)).isComplete);
    });
    expect(seen).toEqual([true, false]);
  });

  it('a watcher stops if its handler calls stop twice', async () => {
    const { seqNums, state } = await inside(({ watcher }) => Promise.all([watcher.stop(), watcher.stop()]));
    expect(seqNums).toEqual([1, 2]);
    expect(state).toBe('stopped');
  });

  it('a watcher continues at the target of the second seek if its handler calls seek twice', async () => {
    const { seqNums, state } = await inside(({ watcher }) =>
      Promise.all([watcher.seek(afterSequenceNumber(0)), watcher.seek(afterSequenceNumber(3))]),
    );
    expect(seqNums).toEqual([1, 2, 4]);
    expect(state).toBe('running');
  });

  it('a watcher is stopped if its handler calls seek and then stop, and its next start continues at the target of the seek', async () => {
    const { watcher, seqNums, state, stored } = await inside(async (all) => {
      await all.watcher.seek(afterSequenceNumber(3));
      await all.watcher.stop();
    });
    expect(seqNums).toEqual([1, 2]);
    expect(state).toBe('stopped');
    expect(await stored()).toBe(3);
    watcher.start();
    expect(seqNums).toEqual([1, 2, 4]);
  });

  it('a watcher continues at the target of a seek if its handler calls stop and then seek', async () => {
    const { seqNums, state } = await inside(async ({ watcher }) => {
      await watcher.stop();
      await watcher.seek(afterSequenceNumber(3));
    });
    expect(seqNums).toEqual([1, 2, 4]);
    expect(state).toBe('running');
  });

  it('a watcher is not paused after its handler has called pause and then seek', async () => {
    const { seqNums, state } = await inside(async ({ watcher }) => {
      watcher.pause();
      await watcher.seek(afterSequenceNumber(3));
    });
    expect(seqNums).toEqual([1, 2, 4]);
    expect(state).toBe('running');
  });

  it('a call of pause or resume after stop inside the handler throws an InvalidStateError', async () => {
    await inside(async ({ watcher }) => {
      await watcher.stop();
      expect(() => watcher.pause()).toThrow(InvalidStateError);
      expect(() => watcher.resume()).toThrow(InvalidStateError);
      expect(watcher.stats().state).toBe('stopping');
    }).then(({ watcher }) =>
      expect(watcher.stats()).toMatchObject({ state: 'stopped', retries: 0, handled: 2 }),
    );
  });

  it('a call of seek is rejected after the handler has removed the watcher', async () => {
    const { seqNums, manager, watcher } = await inside(async (all) => {
      await all.manager.remove('w');
      await expect(all.watcher.seek(afterSequenceNumber(0))).rejects.toThrow(InvalidStateError);
    });
    expect(seqNums).toEqual([1, 2]);
    expect(manager.watchers()).toEqual([]);
    expect(watcher.stats()).toMatchObject({ state: 'stopped', handled: 2 });
  });

  it('a watcher stops together with the other watchers of its manager if its handler stops the manager', async () => {
    const { seqNums, manager } = await inside(async (all) => {
      const other = all.manager.create('other', { handler: () => undefined, autoStart: true });
      await all.manager.stop();
      expect(other.stats().state).toBe('stopped');
    });
    expect(seqNums).toEqual([1, 2]);
    expect(manager.watchers().map((watcher) => watcher.stats().state)).toEqual(['stopped', 'stopped']);
  });
});
