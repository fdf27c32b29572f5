import { afterSequenceNumber } from 'rx-watcher';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { deadLettersOf } from '../../../src/testing/conformance/support/dead-letters.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { nextTurn } from '../../support/next-turn.ts';
import { watcherWithDeadLetters } from './watcher-with-dead-letters.ts';

describe('a redrive of dead letters', () => {
  it('a redrive ends after the dead letter in flight when the store closes', async () => {
    const { manager, store, byHand } = await watcherWithDeadLetters([1, 2]);
    const redriven = manager.redrive('w');
    await nextTurn();
    await store.close();
    byHand.finish();

    expect(await redriven).toMatchObject([{ seqNum: 1, status: 'handled' }]);
    expect(byHand.seqNums).toEqual([1]);
  });

  it('a redrive can be repeated after a failure, and the watcher runs on meanwhile', async () => {
    const { manager, store, watcher, byHand } = await watcherWithDeadLetters([1, 2]);
    const { deleteDeadLetter } = store;
    Object.assign(store, { deleteDeadLetter: () => Promise.reject(new Error('disk full')) });
    watcher.start();
    const redriven = failureOf(manager.redrive('w'));
    await nextTurn();
    byHand.finish();
    expect(await redriven).toEqual(new Error('disk full'));
    Object.assign(store, { deleteDeadLetter });

    expect(watcher.stats().state).toBe('running');
    const again = manager.redrive('w', { seqNums: [1] });
    await nextTurn();
    byHand.finish();
    expect(await again).toMatchObject([{ status: 'handled', seqNum: 1 }]);
    expect(await deadLettersOf(store)).toMatchObject([{ seqNum: 2 }]);
    await manager.stop();
  });

  it('a redrive does not deadlock if the handler stores events, seeks and stops its watcher', async () => {
    const { manager, store, watcher } = await watcherWithDeadLetters([1], () => ({
      handler: async ({ seqNum }) => {
        if (seqNum !== 1) return;
        await store.storeEvent({ operation: 'CREATE', objectType: 'Job', object: {} });
        await watcher.seek(afterSequenceNumber(5));
        await watcher.stop();
        watcher.start();
      },
    }));
    watcher.start();

    expect(await manager.redrive('w')).toMatchObject([{ status: 'handled', seqNum: 1 }]);

    await lastValueFrom(watcher.whenProcessed(6));
    await manager.stop();
    expect(await firstValueFrom(store.getCheckpoint('w'))).toBe(6);
  });
});
