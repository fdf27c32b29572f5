import { firstValueFrom } from 'rxjs';
import { InvalidOptionsError, StoreClosedError } from '../../../../index.ts';
import type { OpenStore } from '../../store-fixture.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { asLeaseStore, grant, leaseOf } from '../../support/held-lease.ts';
import { note } from '../../support/note.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const openLeases = async (open: OpenStore) => asLeaseStore(await open());

export const describeLeaseRecords = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('the record of a lease', () => {
    test('a read of a lease returns undefined before the lease is stored, and afterwards the stored lease', async () => {
      const store = await openLeases(open);

      expect(await leaseOf(store)).toBeUndefined();
      const revision = await store.internals.leases.store('w', { owner: 'me, 1 ☃', token: 7 }, 0);

      expect(revision).toBeGreaterThan(0);
      expect(await leaseOf(store)).toStrictEqual({ owner: 'me, 1 ☃', token: 7, revision });
    });

    test('a lease has a new revision after each write, even if the value is unchanged', async () => {
      const store = await openLeases(open);
      const revisions = [await grant(store, { owner: 'me', token: 1 })];

      for (const _ of span(1, 5)) revisions.push(await grant(store, { owner: 'me', token: 1 }));

      expect(new Set(revisions).size).toBe(6);
      expect((await leaseOf(store))?.revision).toBe(revisions.at(-1));
    });

    test('a lease is not stored if the given revision is not the current revision', async () => {
      const store = await openLeases(open);
      const first = (await grant(store, { owner: 'me', token: 1 })) as number;
      const second = (await grant(store, { owner: 'me', token: 1 })) as number;
      const current = await leaseOf(store);

      for (const revision of [0, first, second + 1]) {
        expect(await store.internals.leases.store('w', { owner: 'you', token: 2 }, revision)).toBeUndefined();
      }
      expect(await leaseOf(store)).toEqual(current);
      expect(await store.internals.leases.store('other', { owner: 'you', token: 2 }, second)).toBeUndefined();
      expect(await leaseOf(store, 'other')).toBeUndefined();
    });

    test('a lease is stored by exactly one of several concurrent writes', async () => {
      const store = await openLeases(open);
      for (const round of span(1, 5)) {
        const revision = (await leaseOf(store))?.revision ?? 0;

        const written = await Promise.all(
          span(1, 10).map((n) =>
            store.internals.leases.store('w', { owner: `${n}`, token: round }, revision),
          ),
        );

        const winners = written.flatMap((writtenRevision, index) =>
          writtenRevision === undefined ? [] : [index + 1],
        );
        expect(winners).toHaveLength(1);
        expect(await leaseOf(store)).toMatchObject({ owner: `${winners[0]}`, token: round });
      }
    });

    test('a lease has no owner after its release, and keeps its token', async () => {
      const store = await openLeases(open);
      await grant(store, { owner: 'me', token: 3 });

      const revision = await grant(store, { token: 3 });

      expect(await leaseOf(store)).toStrictEqual({ token: 3, revision });
    });

    test('released$ emits a lease to current subscribers when the lease is released', async () => {
      const store = await openLeases(open);
      const released = new Promise<void>((resolve) =>
        store.internals.leases.released$.subscribe(() => resolve()),
      );
      await grant(store, { owner: 'me', token: 1 });

      await grant(store, { token: 1 });

      await released;
      const late = note(store.internals.leases.released$);
      expect([late.values, late.isComplete]).toEqual([[], false]);
      late.subscription.unsubscribe();
    });

    test('a lease belongs to one watcher only, and is independent of the checkpoint', async () => {
      const store = await openLeases(open);

      await Promise.all(oddIds.map((id, index) => grant(store, { owner: id, token: index + 1 }, id)));

      for (const [index, id] of oddIds.entries()) {
        expect(await leaseOf(store, id)).toMatchObject({ token: index + 1 });
      }
      expect(await firstValueFrom(store.checkpoints())).toEqual(new Map());
      await store.storeCheckpoint('w', 5);
      await store.deleteCheckpoint('w');
      expect(await leaseOf(store)).toMatchObject({ token: 1 });
    });

    test.each<[string, readonly unknown[], readonly string[]]>([
      [
        'only invalid arguments',
        [' ', { owner: '', token: 0 }, -1],
        ['lease.owner', 'lease.token', 'revision', 'watcherId'],
      ],
      ['an invalid token', ['w', { owner: 'me', token: 1.5 }, 0], ['lease.token']],
      ['no lease', ['w', undefined, 0], ['lease']],
      ['no revision', ['w', { owner: 'me', token: 1 }, undefined], ['revision']],
    ])(
      'a call that stores a lease is rejected with every fault if the call has %s',
      async (_name, args, paths) => {
        const store = await openLeases(open);

        const failure = await failureOf(
          Promise.resolve(
            store.internals.leases.store(...(args as Parameters<typeof store.internals.leases.store>)),
          ),
        );

        expect(failure).toBeInstanceOf(InvalidOptionsError);
        expect([...new Set(faultPaths(failure))].sort()).toEqual(paths);
        expect(await leaseOf(store)).toBeUndefined();
        expect(await failureOf(leaseOf(store, ''))).toBeInstanceOf(InvalidOptionsError);
      },
    );

    test('a lease is neither read nor written after the store is closed', async () => {
      const store = await openLeases(open);
      const closed = store.close();

      for (const _ of ['while it closes', 'later']) {
        expect(await failureOf(leaseOf(store))).toBeInstanceOf(StoreClosedError);
        for (const lease of [{ owner: 'me', token: 1 }, { token: 1 }]) {
          expect(
            await failureOf(Promise.resolve(store.internals.leases.store('w', lease, 0))),
          ).toBeInstanceOf(StoreClosedError);
        }
        await closed;
      }
    });

    if (!supports.reopen) return;
    test('a lease is stored durably', async () => {
      const before = await openLeases(open);
      const revision = await before.internals.leases.store('w', { owner: 'me', token: 4 }, 0);
      await before.close();

      expect(await leaseOf(await open())).toEqual({ owner: 'me', token: 4, revision });
    });
  });
