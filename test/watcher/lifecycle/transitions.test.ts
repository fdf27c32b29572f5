import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { asLeaseStore } from '../../../src/testing/conformance/support/held-lease.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';
import { transitions } from './transition-table.ts';

/** Creates a watcher, the actions of the table in the guide and a record of the states of the watcher. */
function setUp(lease?: true) {
  const all = managed({ retryStrategy: 'stop', maxRetries: 0, lease });
  const { clock, manager, watcher, byHand } = all;
  const store = asLeaseStore(all.store);
  const outsider = { owner: 'outsider' };
  const states: string[] = [];
  const note = (state: string) => {
    if (state !== states.at(-1)) states.push(state);
  };
  watcher.stats$.subscribe({ next: ({ state }) => note(state), complete: () => note('removed') });

  const acts: Record<string, () => unknown> = {
    'start()': () => watcher.start(),
    'pause()': () => watcher.pause(),
    'resume()': () => watcher.resume(),
    'stop()': () => watcher.stop(),
    'seek(iterator)': () => watcher.seek(afterSequenceNumber(0)),
    'checkpoint(n)': () => watcher.checkpoint(0),
    'setHandler(h)': () => watcher.setHandler(() => undefined),
    'manager.remove(id)': () => manager.remove('w'),
    'the attempt ends': () => byHand.finish(),
    'the run fails': () => byHand.fail(new Error('no')),
    'the store closes': () => void store.close(),
    'another has the lease': () => store.internals.leases.store('w', { ...outsider, token: 1 }, 0),
    'the lease comes': () => store.internals.leases.store('w', { token: 1 }, 1),
    'the lease is lost'() {
      void store.internals.leases.store('w', { ...outsider, token: 2 }, 1);
      clock.advanceBy(2000);
    },
  };
  const act = (name: string): unknown => {
    const action = acts[name];
    if (action === undefined) throw new Error(`the guide names an unknown action: ${name}`);
    return action();
  };
  return { act, states, byHand };
}

const WAYS: Record<string, readonly string[]> = {
  idle: [],
  standby: ['another has the lease', 'start()'],
  running: ['start()'],
  paused: ['start()', 'pause()'],
  stopping: ['start()', 'stop()'],
  stopped: ['stop()'],
  failed: ['start()', 'the run fails'],
  removed: ['manager.remove(id)'],
};

const nameOf = (error: unknown): string => (error as Error).constructor.name;

describe('the table of state transitions in the guide', () => {
  it.each(transitions().map(({ command, state, expected }) => [command, state, expected] as const))(
    'a watcher changes its state as the guide says: %s in state %s leads to %j',
    async (command, state, expected) => {
      const isLeased = state === 'standby' || command.startsWith('the lease');
      const { act, states, byHand } = setUp(isLeased || undefined);
      for (const name of WAYS[state] ?? ['no such state']) void act(name);
      await nextTurn();
      expect(states.at(-1)).toBe(state);
      states.length = 1;
      states[0] = state;

      let errorName: string | undefined;
      const recordError = (error: unknown) => {
        errorName = nameOf(error);
      };
      try {
        Promise.resolve(act(command)).catch(recordError);
      } catch (error) {
        recordError(error);
      }
      await nextTurn();
      const earlyErrorName = errorName;
      if (byHand.isBusy) byHand.finish();
      await nextTurn();

      const followed = states.length > 1 ? states.slice(1) : states;
      expect(errorName === undefined ? followed : [errorName]).toEqual(expected);
      expect(earlyErrorName).toBe(errorName);
      if (errorName !== undefined) expect(states.at(-1)).toBe(state === 'stopping' ? 'stopped' : state);
    },
  );

  it('the table of state transitions in the guide contains each command for each state', () => {
    const seen = transitions();
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(Object.keys(WAYS)));
    expect(seen.length).toBe(13 * 8 - 22);
  });
});
