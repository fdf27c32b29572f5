import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransactionGroup } from '../../../../src/engine/lmdb/append/transaction-group.ts';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { application } from '../../../support/lmdb/application.ts';

describe('LMDB transactions that are requested at the same time', () => {
  /** Call of one caller: a transaction that is stored, a transaction that throws, or an append. */
  const operation = fc.constantFrom('stored', 'thrown', 'append');

  test('each of several concurrent LMDB transactions is stored atomically, in the order of the calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 40 }), async (operations) => {
        const app = await application();
        const calls = operations.map(() => 0);
        const results = await Promise.allSettled(
          operations.map((kind, index) => {
            if (kind === 'append') return app.store.storeEvent(created(index));
            return app.store.transaction((storeEvent) => {
              calls[index] = (calls[index] ?? 0) + 1;
              void app.users.put(`u${index}`, kind);
              const event = storeEvent(created(index));
              if (kind === 'thrown') throw index;
              return event;
            });
          }),
        );
        const stored = await readAll(app.store);
        const fulfilled = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
        expect(fulfilled.toSorted((a, b) => a.seqNum - b.seqNum)).toEqual(stored);
        for (const kind of ['stored', 'append']) {
          const indexes = operations.flatMap((each, index) => (each === kind ? [index] : []));
          const positions = indexes.map((n) =>
            stored.findIndex(({ object }) => (object as { n: number }).n === n),
          );
          expect(positions).toEqual(positions.toSorted((a, b) => a - b));
          expect(positions).not.toContain(-1);
        }
        for (const [index, each] of results.entries()) {
          if (operations[index] === 'thrown') expect(each).toEqual({ status: 'rejected', reason: index });
        }
        const users = operations.flatMap((kind, index) => (kind === 'stored' ? [`u${index}`] : []));
        expect([...app.users.getRange()].map(({ key }) => key).toSorted()).toEqual(users.toSorted());
        expect(calls.every((count) => count <= 2)).toBe(true);
        await app.remove();
      }),
      { numRuns: 40, seed: 20_261_128 },
    );
  });

  test('LMDB transactions that are requested at the same time are stored with one commit', async () => {
    let commits = 0;
    const group = new TransactionGroup();
    const results = Promise.all([1, 2, 3].map((n) => group.add(() => n)));
    group.commitSome((work) => {
      commits++;
      work();
    });
    expect(await results).toEqual([1, 2, 3]);
    expect([commits, group.isSettled]).toEqual([1, true]);
  });

  test('LMDB transactions that share a commit are all rejected if this commit fails', async () => {
    const group = new TransactionGroup();
    const results = Promise.allSettled([1, 2].map((n) => group.add(() => n)));
    group.commitSome((work) => {
      work();
      throw new Error('no room');
    });
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(group.isSettled).toBe(true);
  });

  test('LMDB transactions that are requested at the same time are all rejected if LMDB cannot begin a transaction', async () => {
    const group = new TransactionGroup();
    const results = Promise.allSettled([1, 2].map((n) => group.add(() => n)));
    while (!group.isSettled) {
      group.commitSome(() => {
        throw new Error('closed');
      });
    }
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
