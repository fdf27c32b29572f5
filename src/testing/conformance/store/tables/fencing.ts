import { firstValueFrom } from 'rxjs';
import { type EventStore, InvalidOptionsError, LeaseLostError } from '../../../../index.ts';
import { deadLetter, deadLettersOf } from '../../support/dead-letters.ts';
import { failureOf } from '../../support/fault-paths.ts';
import { asLeaseStore, grant } from '../../support/held-lease.ts';
import { created } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** Declares the tests of fencing tokens: writes with a token that is not the newest are rejected. */
export const describeFencing = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a store that fences writes', () => {
    const checkpoint = (store: EventStore) => firstValueFrom(store.getCheckpoint('w'));

    test('a checkpoint with the newest fencing token is accepted, and also a checkpoint without a token', async () => {
      const store = await open();
      await grant(store, { owner: 'me', token: 2 });

      await store.storeCheckpoint('w', 5, 2);
      expect(await checkpoint(store)).toBe(5);
      await store.storeCheckpoint('w', 3);
      expect(await checkpoint(store)).toBe(3);
      await store.storeCheckpoint('w', 4, 2);
      expect(await checkpoint(store)).toBe(4);
    });

    test.each([1, 3])(
      'a checkpoint with the fencing token %i is rejected if the newest token is 2',
      async (fence) => {
        const store = await open();
        await grant(store, { owner: 'me', token: 2 });
        await store.storeCheckpoint('w', 5, 2);

        const failure = await failureOf(store.storeCheckpoint('w', 6, fence));

        expect(failure).toBeInstanceOf(LeaseLostError);
        expect(failure).toMatchObject({ watcherId: 'w', token: fence });
        expect(await checkpoint(store)).toBe(5);
      },
    );

    test('a checkpoint with an old fencing token is rejected after a write without a token, and after a deletion', async () => {
      const store = await open();
      await grant(store, { owner: 'me', token: 2 });

      await store.storeCheckpoint('w', 5);
      expect(await failureOf(store.storeCheckpoint('w', 6, 1))).toBeInstanceOf(LeaseLostError);
      await store.deleteCheckpoint('w');
      expect(await failureOf(store.storeCheckpoint('w', 6, 1))).toBeInstanceOf(LeaseLostError);
      expect(await checkpoint(store)).toBeUndefined();
    });

    test('a checkpoint with a fencing token is rejected if the watcher has no lease', async () => {
      const store = await open();
      await grant(store, { owner: 'me', token: 1 }, 'other');

      expect(await failureOf(store.storeCheckpoint('w', 6, 1))).toBeInstanceOf(LeaseLostError);
      expect(await checkpoint(store)).toBeUndefined();
    });

    test('a checkpoint with the old fencing token is rejected if the lease was granted again during an earlier write', async () => {
      const store = await open();
      await grant(store, { owner: 'me', token: 1 });

      const earlier = store.storeCheckpoint('w', 1, 1);
      const granted = grant(store, { owner: 'you', token: 2 });
      await Promise.all([earlier, granted]);
      const failure = await failureOf(store.storeCheckpoint('w', 9, 1));

      expect(failure).toBeInstanceOf(LeaseLostError);
      expect(await checkpoint(store)).toBe(1);
    });

    test('a checkpoint with the current fencing token is accepted after another process has failed to acquire the lease', async () => {
      const store = asLeaseStore(await open());
      const first = (await grant(store, { owner: 'me', token: 1 })) as number;
      await grant(store, { owner: 'me', token: 1 });
      expect(await store.internals.leases.store('w', { owner: 'you', token: 2 }, first)).toBeUndefined();

      await store.storeCheckpoint('w', 1, 1);

      expect(await checkpoint(store)).toBe(1);
    });

    test.each([0, -1, 0.5, Number.NaN, '1', null])(
      'a store rejects %o as a fencing token with an InvalidOptionsError',
      async (invalid) => {
        const store = await open();

        expect(await failureOf(store.storeCheckpoint('w', 1, invalid as never))).toBeInstanceOf(
          InvalidOptionsError,
        );
        expect(await checkpoint(store)).toBeUndefined();
      },
    );

    if (!supports.deadLetters) return;
    test('a dead letter and its checkpoint are rejected with an old fencing token', async () => {
      const store = await open();
      await store.storeEvent(created(1));
      await grant(store, { owner: 'me', token: 2 });

      expect(await failureOf(store.storeDeadLetter(deadLetter(1), 1, 1))).toBeInstanceOf(LeaseLostError);
      expect([await deadLettersOf(store), await checkpoint(store)]).toEqual([[], undefined]);
      await store.storeDeadLetter(deadLetter(1), 1, 2);
      expect(await deadLettersOf(store)).toHaveLength(1);
      expect(await checkpoint(store)).toBe(1);
    });
  });
