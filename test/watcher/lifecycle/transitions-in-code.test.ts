import { describe, expect, it } from 'vitest';
import {
  LEASE_REQUIRED,
  TRANSITIONS,
  type Transition,
} from '../../../src/watcher/managed/watcher-transitions.ts';
import { transitions } from './transition-table.ts';

/** Names of the rows in the guide about watcher states, by the command in `TRANSITIONS`. */
const ROWS: Record<keyof typeof TRANSITIONS, string> = {
  start: 'start()',
  pause: 'pause()',
  resume: 'resume()',
  stop: 'stop()',
  seek: 'seek(iterator)',
  checkpoint: 'checkpoint(n)',
  setHandler: 'setHandler(h)',
  remove: 'manager.remove(id)',
};

/** Returns a transition as the guide writes it. The guide writes a missing lease as `InvalidStateError`. */
const cellOf = (transition: Transition): readonly string[] => {
  if (transition === LEASE_REQUIRED) return ['InvalidStateError'];
  return typeof transition === 'string' ? [transition] : transition;
};

describe('the table of state transitions in the code', () => {
  it.each(Object.entries(ROWS))(
    'the table of state transitions in the code has the same row for the command %s as the guide',
    (command, row) => {
      const inCode = Object.entries(TRANSITIONS[command as keyof typeof TRANSITIONS]).map(
        ([state, transition]) => [state, cellOf(transition)],
      );
      const inGuide = transitions()
        .filter((transition) => transition.command === row)
        .map(({ state, expected }) => [state, expected]);
      expect(inCode).toEqual(inGuide);
    },
  );

  it('the table of state transitions in the code has a row for each command in the guide', () => {
    const commands = transitions().map(({ command }) => command);
    expect(new Set(commands.filter((command) => command.endsWith(')')))).toEqual(
      new Set(Object.values(ROWS)),
    );
  });
});
