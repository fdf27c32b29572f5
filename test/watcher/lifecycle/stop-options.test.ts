import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../../src/errors.ts';
import type { StopOptions } from '../../../src/watcher/managed/watcher.ts';
import { started } from '../../support/watcher/managed-watcher.ts';

const WRONG: unknown[] = [
  { timeout: Number.NaN },
  { timeout: -1 },
  { timeout: Number.NEGATIVE_INFINITY },
  { timeout: 2 ** 31 },
  { timeout: '5' },
  { timeout: null },
  null,
  5,
];

describe('the options of a stop', () => {
  it.each(WRONG)('a stop rejects the options %o, and the watcher is not stopped', async (options) => {
    const { manager, watcher, byHand } = started();
    await expect(watcher.stop(options as StopOptions)).rejects.toThrow(InvalidOptionsError);
    await expect(manager.stop(options as StopOptions)).rejects.toThrow(InvalidOptionsError);
    expect(watcher.stats().state).toBe('running');
    byHand.finish();
    expect(byHand.seqNums).toEqual([1, 2]);
  });

  it.each([{}, { timeout: undefined }, undefined])('a stop accepts the options %o', async (options) => {
    const { manager, watcher } = started({ events: 0 });
    await watcher.stop(options);
    await manager.stop(options);
    expect(watcher.stats().state).toBe('stopped');
  });
});
