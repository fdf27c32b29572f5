import { firstValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../src/errors.ts';
import { failureOf } from '../../../src/testing/conformance/support/fault-paths.ts';
import { note } from '../../../src/testing/conformance/support/note.ts';
import { faultyStore } from '../../../src/testing/faulty-store.ts';
import { createManager } from '../../../src/watcher/managed/manager.ts';
import { derivedFrom, projection } from '../../support/watcher/projection.ts';
import { watcherWithDeadLetters } from '../redrive/watcher-with-dead-letters.ts';

describe('a redrive of a watcher with a transaction handler', () => {
  it('a redrive handles each dead letter in one transaction with its deletion, and does not move the checkpoint', async () => {
    const { calls, transactionHandler } = projection();
    const { manager, store } = await watcherWithDeadLetters([2, 4], () => ({ transactionHandler }));

    const outcomes = await manager.redrive('w');

    expect(outcomes.map(({ seqNum, status, attempts }) => [seqNum, status, attempts])).toEqual([
      [2, 'handled', 4],
      [4, 'handled', 4],
    ]);
    expect([calls, derivedFrom(store)]).toEqual([
      ['2/4', '4/4'],
      [2, 4],
    ]);
    expect(note(store.deadLetters('w')).values).toEqual([]);
    expect(note(store.getCheckpoint('w')).values).toEqual([5]);
  });

  it('a redrive keeps a dead letter if the transaction handler fails again, and stores nothing of that attempt', async () => {
    const { transactionHandler } = projection(({ seqNum }) => {
      if (seqNum === 2) throw new Error('again');
    });
    const { manager, store } = await watcherWithDeadLetters([2, 4], () => ({ transactionHandler }));

    const outcomes = await manager.redrive('w');

    expect(outcomes.map(({ status }) => status)).toEqual(['skipped', 'handled']);
    const [kept, ...others] = await firstValueFrom(store.deadLetters('w').pipe(toArray()));
    expect(kept).toMatchObject({ seqNum: 2, attempts: 4, errors: [{ message: 'again' }] });
    expect([others, derivedFrom(store)]).toEqual([[], [4]]);
  });

  it('a redrive fails with the error of the store, and keeps the dead letter, if the store cannot commit a transaction', async () => {
    const { calls, transactionHandler } = projection();
    const { store } = await watcherWithDeadLetters([2], () => ({}));
    const diskFull = new StoreError('disk full');
    const manager = createManager(faultyStore(store, [{ method: 'transaction', error: diskFull }]));
    manager.create('w', { transactionHandler });

    expect(await failureOf(manager.redrive('w'))).toBe(diskFull);

    expect(calls).toEqual([]);
    expect(note(store.deadLetters('w')).values).toMatchObject([{ seqNum: 2, attempts: 3 }]);
  });

  it('a redrive with a transaction handler delivers no dead letter after the store is closed, and ends without an error', async () => {
    const { transactionHandler } = projection();
    const { store } = await watcherWithDeadLetters([2], () => ({}));
    const closing = {
      ...store,
      transaction: (work: never) => {
        void store.close();
        return store.transaction?.(work);
      },
    } as typeof store;
    const manager = createManager(closing);
    manager.create('w', { transactionHandler });

    expect(await manager.redrive('w')).toEqual([]);
  });
});
