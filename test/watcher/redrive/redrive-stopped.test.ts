import { describe, expect, it } from 'vitest';
import { TimeoutError, WatcherAlreadyExistsError } from '../../../src/errors.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { letter, lettersOf } from '../../../src/testing/conformance/support/letters.ts';
import { createManager, type Manager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../scheduling/next-turn.ts';
import { ByHand } from '../by-hand.ts';
import { managed } from '../managed.ts';
import { redriven } from './redriven.ts';

const ends: readonly [string, (manager: Manager, watcher: Watcher) => Promise<void>][] = [
  ['a stop', (_manager, watcher) => watcher.stop()],
  ['a removal', (manager) => manager.remove('w')],
  ['a stop of the manager', (manager) => manager.stop()],
];

describe('a redrive in progress', () => {
  it.each(ends)('ends after the letter in flight with %s, which waits for it', async (_what, end) => {
    const { manager, watcher, store, byHand } = await redriven([1, 2, 3]);
    const driven = manager.redrive('w');
    await nextTurn();
    let isOver = false;
    const ended = end(manager, watcher).then(() => {
      isOver = true;
    });
    await nextTurn();
    expect(isOver).toBe(false);
    expect(byHand.seqNums).toEqual([1]);

    byHand.finish();
    await ended;
    expect(await driven).toMatchObject([{ seqNum: 1, status: 'handled' }]);
    expect(byHand.seqNums).toEqual([1]);
    expect(await lettersOf(store)).toMatchObject([{ seqNum: 2 }, { seqNum: 3 }]);
  });

  it('brings the letter in flight up to date if that fails again', async () => {
    const { manager, watcher, store, byHand } = await redriven([1, 2]);
    const driven = manager.redrive('w');
    await nextTurn();
    const stopped = watcher.stop();
    byHand.fail(new Error('again'));
    await stopped;

    expect(await driven).toMatchObject([{ seqNum: 1, status: 'skipped' }]);
    expect(await lettersOf(store)).toMatchObject([
      { seqNum: 1, errors: [{ message: 'again' }] },
      { seqNum: 2 },
    ]);
  });

  it('is waited for only as long as the stop allows; the attempt is aborted then', async () => {
    const { manager, watcher, byHand, clock } = await redriven([1, 2]);
    const driven = manager.redrive('w');
    await nextTurn();
    const late = failureOf(watcher.stop({ timeout: 100 }));
    clock.advanceBy(100);
    expect(await late).toBeInstanceOf(TimeoutError);
    expect(byHand.contexts[0]?.signal.aborted).toBe(true);
    byHand.finish();
    expect(await driven).toHaveLength(1);
  });

  it.each(ends)('does not keep %s from inside its own handler waiting', async (_what, end) => {
    const { manager, watcher, byHand } = await redriven([1, 2], () => ({
      handler: async ({ seqNum }) => {
        byHand.seqNums.push(seqNum);
        await end(manager, watcher);
      },
    }));
    expect(await manager.redrive('w')).toMatchObject([{ seqNum: 1, status: 'handled' }]);
    expect(byHand.seqNums).toEqual([1]);
    expect(manager.watchers()).toHaveLength(_what === 'a removal' ? 0 : 1);
  });

  it('keeps a watcher that its own handler removes until the letter in flight is over', async () => {
    let others: unknown;
    const { manager } = await redriven([1], () => ({
      handler: async () => {
        await manager.remove('w');
        others = await failureOf(Promise.resolve().then(() => manager.create('w')));
      },
    }));

    await manager.redrive('w');

    expect(others).toBeInstanceOf(WatcherAlreadyExistsError);
    expect(manager.watchers()).toEqual([]);
  });

  it('that waits for an attempt hands nothing over if that attempt stops its watcher', async () => {
    const byHand = new ByHand();
    const parts = managed({
      events: 1,
      handler: async (event) => {
        byHand.seqNums.push(event.seqNum);
        await nextTurn();
        await parts.watcher.stop();
      },
    });
    await parts.store.storeDeadLetter(letter(1), 0);
    parts.watcher.start();
    expect(await parts.manager.redrive('w')).toEqual([]);
    expect(byHand.seqNums).toEqual([1]);
  });

  it('is over before another watcher of its id can be created', async () => {
    const { manager, byHand } = await redriven([1, 2]);
    const driven = manager.redrive('w');
    await nextTurn();
    const removed = manager.remove('w');
    expect(() => manager.create('w')).toThrow();
    byHand.finish();
    await removed;
    manager.create('w', { handler: () => undefined });
    await driven;
  });

  it('hands no letter over after the store was closed', async () => {
    const { manager, store, byHand } = await redriven([1, 2]);
    const other = createManager({ ...store, deleteDeadLetter: async () => undefined });
    other.create('w', { handler: byHand.handler });
    const driven = other.redrive('w');
    await nextTurn();
    await store.close();
    byHand.finish();
    expect(await driven).toHaveLength(1);
    expect(byHand.seqNums).toEqual([1]);
    await manager.stop();
  });
});
