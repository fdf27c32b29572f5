import { describe, expect, it } from 'vitest';
import { TimeoutError, WatcherAlreadyExistsError } from '../../../src/errors.ts';
import { deadLetter, deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { ManualHandler } from '../../../src/testing/conformance/support/manual-handler.ts';
import { createManager, type Manager } from '../../../src/watcher/managed/manager.ts';
import type { Watcher } from '../../../src/watcher/managed/watcher.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { managed } from '../../support/watcher/managed-watcher.ts';
import { watcherWithDeadLetters } from './watcher-with-dead-letters.ts';

const ends: readonly [string, (manager: Manager, watcher: Watcher) => Promise<void>][] = [
  ['a stop', (_manager, watcher) => watcher.stop()],
  ['a removal', (manager) => manager.remove('w')],
  ['a stop of the manager', (manager) => manager.stop()],
];

describe('a redrive during which the watcher is stopped', () => {
  it.each(ends)(
    '%s during a redrive waits for the dead letter in flight, and no other dead letter is delivered',
    async (_name, end) => {
      const { manager, watcher, store, byHand } = await watcherWithDeadLetters([1, 2, 3]);
      const redriven = manager.redrive('w');
      await nextTurn();
      let hasEnded = false;
      const ended = end(manager, watcher).then(() => {
        hasEnded = true;
      });
      await nextTurn();
      expect(hasEnded).toBe(false);
      expect(byHand.seqNums).toEqual([1]);

      byHand.finish();
      await ended;
      expect(await redriven).toMatchObject([{ seqNum: 1, status: 'handled' }]);
      expect(byHand.seqNums).toEqual([1]);
      expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }, { seqNum: 3 }]);
    },
  );

  it('a redrive updates the dead letter in flight if its attempt fails after a stop of the watcher', async () => {
    const { manager, watcher, store, byHand } = await watcherWithDeadLetters([1, 2]);
    const redriven = manager.redrive('w');
    await nextTurn();
    const stopped = watcher.stop();
    byHand.fail(new Error('again'));
    await stopped;

    expect(await redriven).toMatchObject([{ seqNum: 1, status: 'skipped' }]);
    expect(await deadLettersOf(store)).toMatchObject([
      { seqNum: 1, errors: [{ message: 'again' }] },
      { seqNum: 2 },
    ]);
  });

  it('a redrive aborts the attempt in flight when a stop of the watcher times out', async () => {
    const { manager, watcher, byHand, clock } = await watcherWithDeadLetters([1, 2]);
    const redriven = manager.redrive('w');
    await nextTurn();
    const late = failureOf(watcher.stop({ timeout: 100 }));
    clock.advanceBy(100);
    expect(await late).toBeInstanceOf(TimeoutError);
    expect(byHand.contexts[0]?.signal.aborted).toBe(true);
    byHand.finish();
    expect(await redriven).toHaveLength(1);
  });

  it.each(ends)('a redrive does not deadlock if the handler requests %s', async (name, end) => {
    const { manager, watcher, byHand } = await watcherWithDeadLetters([1, 2], () => ({
      handler: async ({ seqNum }) => {
        byHand.seqNums.push(seqNum);
        await end(manager, watcher);
      },
    }));
    expect(await manager.redrive('w')).toMatchObject([{ seqNum: 1, status: 'handled' }]);
    expect(byHand.seqNums).toEqual([1]);
    expect(manager.watchers()).toHaveLength(name === 'a removal' ? 0 : 1);
  });

  it('the id of a watcher that is removed during a redrive stays in use until the dead letter in flight is settled', async () => {
    let failure: unknown;
    const { manager } = await watcherWithDeadLetters([1], () => ({
      handler: async () => {
        await manager.remove('w');
        failure = await failureOf(Promise.resolve().then(() => manager.create('w')));
      },
    }));

    await manager.redrive('w');

    expect(failure).toBeInstanceOf(WatcherAlreadyExistsError);
    expect(manager.watchers()).toEqual([]);
  });

  it('a redrive delivers no dead letter if it waits for an attempt that stops the watcher', async () => {
    const byHand = new ManualHandler();
    const setup = managed({
      events: 1,
      handler: async (event) => {
        byHand.seqNums.push(event.seqNum);
        await nextTurn();
        await setup.watcher.stop();
      },
    });
    await setup.store.storeDeadLetter(deadLetter(1), 0);
    setup.watcher.start();
    expect(await setup.manager.redrive('w')).toEqual([]);
    expect(byHand.seqNums).toEqual([1]);
  });

  it('after the removal of a watcher, its id is free only when its redrive has ended', async () => {
    const { manager, byHand } = await watcherWithDeadLetters([1, 2]);
    const redriven = manager.redrive('w');
    await nextTurn();
    const removed = manager.remove('w');
    expect(() => manager.create('w')).toThrow();
    byHand.finish();
    await removed;
    manager.create('w', { handler: () => undefined });
    await redriven;
  });

  it('a redrive delivers no dead letter after the store is closed', async () => {
    const { manager, store, byHand } = await watcherWithDeadLetters([1, 2]);
    const other = createManager({ ...store, deleteDeadLetter: async () => undefined });
    other.create('w', { handler: byHand.handler });
    const redriven = other.redrive('w');
    await nextTurn();
    await store.close();
    byHand.finish();
    expect(await redriven).toHaveLength(1);
    expect(byHand.seqNums).toEqual([1]);
    await manager.stop();
  });
});
