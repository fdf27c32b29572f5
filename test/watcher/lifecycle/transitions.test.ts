import { afterSequenceNumber } from 'rx-watcher';
import { describe, expect, it } from 'vitest';
import { keepingLeases } from '../../../src/testing/conformance/support/held-lease.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { managed } from '../managed.ts';
import { transitions } from './transition-table.ts';

/** A watcher that can be brought into any state, and that tells which ones it went through. */
function subject(lease?: true) {
  const all = managed({ retryStrategy: 'stop', maxRetries: 0, lease });
  const { clock, manager, watcher, byHand } = all;
  const store = keepingLeases(all.store);
  const somebody = { owner: 'somebody' };
  const passed: string[] = [];
  const note = (state: string) => {
    if (state !== passed.at(-1)) passed.push(state);
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
    'another has the lease': () => store.internals.leases.store('w', { ...somebody, token: 1 }, 0),
    'the lease comes': () => store.internals.leases.store('w', { token: 1 }, 1),
    'the lease is lost'() {
      void store.internals.leases.store('w', { ...somebody, token: 2 }, 1);
      clock.advanceBy(2000);
    },
  };
  const act = (name: string): unknown => {
    const known = acts[name];
    if (known === undefined) throw new Error(`the guide names an act that nobody knows: ${name}`);
    return known();
  };
  return { act, passed, byHand };
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

describe('the table of the guide', () => {
  it.each(transitions().map(({ command, state, expected }) => [command, state, expected] as const))(
    '%s when %s: %j',
    async (command, state, expected) => {
      const isLeased = state === 'standby' || command.startsWith('the lease');
      const { act, passed, byHand } = subject(isLeased || undefined);
      for (const name of WAYS[state] ?? ['no such state']) void act(name);
      await nextTurn();
      expect(passed.at(-1)).toBe(state);
      passed.length = 1;
      passed[0] = state;

      let refusal: string | undefined;
      const refuse = (error: unknown) => {
        refusal = nameOf(error);
      };
      try {
        Promise.resolve(act(command)).catch(refuse);
      } catch (error) {
        refuse(error);
      }
      await nextTurn();
      const atOnce = refusal;
      if (byHand.isBusy) byHand.finish();
      await nextTurn();

      const followed = passed.length > 1 ? passed.slice(1) : passed;
      expect(refusal === undefined ? followed : [refusal]).toEqual(expected);
      expect(atOnce).toBe(refusal);
      if (refusal !== undefined) expect(passed.at(-1)).toBe(state === 'stopping' ? 'stopped' : state);
    },
  );

  it('has every command in every state', () => {
    const seen = transitions();
    expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(Object.keys(WAYS)));
    expect(seen.length).toBe(13 * 8 - 22);
  });
});
