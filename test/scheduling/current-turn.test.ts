import { describe, expect, it, vi } from 'vitest';
import { currentTurn } from '../../src/scheduling/event-loop-turn.ts';
import { nextTurn } from './next-turn.ts';

describe('the number of the current turn of the event loop', () => {
  it('stays the same through microtasks, and changes with the turn', async () => {
    const first = currentTurn();
    await Promise.resolve();
    expect(currentTurn()).toBe(first);
    await nextTurn();
    expect(currentTurn()).not.toBe(first);
  });

  it('changes with the turn though it was asked for while setImmediate was faked', async () => {
    await nextTurn();
    const fake = vi.spyOn(globalThis, 'setImmediate').mockImplementation(() => ({}) as NodeJS.Immediate);
    const first = currentTurn();
    fake.mockRestore();
    await nextTurn();
    expect(currentTurn()).not.toBe(first);
  });
});
