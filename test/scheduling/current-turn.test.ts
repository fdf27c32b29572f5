import { describe, expect, it, vi } from 'vitest';
import { currentTurn } from '../../src/scheduling/event-loop-turn.ts';
import { nextTurn } from '../support/next-turn.ts';

describe('currentTurn', () => {
  it('currentTurn returns the same number during the microtasks of a turn, and another number in the next turn', async () => {
    const first = currentTurn();
    await Promise.resolve();
    expect(currentTurn()).toBe(first);
    await nextTurn();
    expect(currentTurn()).not.toBe(first);
  });

  it('currentTurn returns another number in the next turn if setImmediate was replaced by a fake during the first call', async () => {
    await nextTurn();
    const fake = vi.spyOn(globalThis, 'setImmediate').mockImplementation(() => ({}) as NodeJS.Immediate);
    const first = currentTurn();
    fake.mockRestore();
    await nextTurn();
    expect(currentTurn()).not.toBe(first);
  });
});
