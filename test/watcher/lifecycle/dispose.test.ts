import { describe, expect, it } from 'vitest';
import { StoreClosedError, TimeoutError } from '../../../src/errors.ts';
import { createMemoryStore } from '../../../src/memory.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { fillUp } from '../../support/watcher/fill.ts';
import { started } from '../../support/watcher/managed-watcher.ts';

describe('the disposal of a manager with await using', () => {
  it('await using stops all watchers of a manager, and removes none of them', async () => {
    const { manager, watcher, byHand, stored } = started();
    const disposed = manager[Symbol.asyncDispose]();
    byHand.finish();
    await disposed;
    expect(watcher.stats().state).toBe('stopped');
    expect(byHand.seqNums).toEqual([1]);
    expect(await stored()).toBe(1);
    expect(manager.watchers()).toEqual([watcher]);
  });

  it('the disposal of a manager is rejected with a TimeoutError if a watcher does not stop in time', async () => {
    const { clock, manager } = started();
    const rejected = expect(manager[Symbol.asyncDispose]()).rejects.toThrow(TimeoutError);
    clock.advanceBy(30_000);
    await rejected;
  });

  it('await using stops the watchers before the store closes if the store is declared before the manager', async () => {
    const seen: string[] = [];
    let closed = createMemoryStore();
    {
      await using store = createMemoryStore();
      await using manager = createManager(store);
      closed = store;
      fillUp(store, 2);
      const watcher = manager.create('w', { handler: () => undefined, autoStart: true });
      store.closed$?.subscribe(() => seen.push(`closed, ${watcher.stats().state}`));
      watcher.stats$.subscribe(({ state }) => seen.push(state));
    }
    expect(seen.slice(-2)).toEqual(['stopped', 'closed, stopped']);
    await expect(closed.storeEvents([])).rejects.toThrow(StoreClosedError);
  });
});
