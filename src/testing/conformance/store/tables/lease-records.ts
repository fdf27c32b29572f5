import { firstValueFrom } from 'rxjs';
import { InvalidOptionsError, StoreClosedError } from '../../../../index.ts';
import type { OpenStore } from '../../store-fixture.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import { grant, keepingLeases, leaseOf } from '../../support/held-lease.ts';
import { note } from '../../support/note.ts';
import { oddIds } from '../../support/odd-ids.ts';
import { span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

const openLeases = async (open: OpenStore) => keepingLeases(await open());

/** The records of who may run a watcher: each is written only over what was read. */
export const describeLeaseRecords = ({ describe, expect, test, open, supports }: StoreSuite) =>
  describe('a lease', () => {
    test('is undefined until it is stored, and then as it was stored', async () => {
      const store = await openLeases(open);

      expect(await leaseOf(store)).toBeUndefined();
      const revision = await store.internals.leases.store('w', { owner: 'me, 1 ☃', token: 7 }, 0);

      expect(revision).toBeGreaterThan(0);
      expect(await leaseOf(store)).toStrictEqual({ owner: 'me, 1 ☃', token: 7, revision });
    });

    test('has another revision with each write, be it the same again', async () => {
      const store = await openLeases(open);
      const revisions = [await grant(store, { owner: 'me', token: 1 })];

      for (const _ of span(1, 5)) revisions.push(await grant(store, { owner: 'me', token: 1 }));

      expect(new Set(revisions).size).toBe(6);
      expect((await leaseOf(store))?.revision).toBe(revisions.at(-1));
    });

    test('is not written over what was not read', async () => {
      const store = await openLeases(open);
      const first = (await grant(store, { owner: 'me', token: 1 })) as number;
      const second = (await grant(store, { owner: 'me', token: 1 })) as number;
      const present = await leaseOf(store);

      for (const revision of [0, first, second + 1]) {
        expect(await store.internals.leases.store('w', { owner: 'you', token: 2 }, revision)).toBeUndefined();
      }
      expect(await leaseOf(store)).toEqual(present);
      expect(
        await store.internals.leases.store('nobody', { owner: 'you', token: 2 }, second),
      ).toBeUndefined();
      expect(await leaseOf(store, 'nobody')).toBeUndefined();
    });

    test('is won by one of those who write it at the same time', async () => {
      const store = await openLeases(open);
      for (const round of span(1, 5)) {
        const revision = (await leaseOf(store))?.revision ?? 0;

        const written = await Promise.all(
          span(1, 10).map((n) =>
            store.internals.leases.store('w', { owner: `${n}`, token: round }, revision),
          ),
        );

        const winners = written.flatMap((one, index) => (one === undefined ? [] : [index + 1]));
        expect(winners).toHaveLength(1);
        expect(await leaseOf(store)).toMatchObject({ owner: `${winners[0]}`, token: round });
      }
    });

    test('that was given back has no owner, and keeps its token', async () => {
      const store = await openLeases(open);
      await grant(store, { owner: 'me', token: 3 });

      const revision = await grant(store, { token: 3 });

      expect(await leaseOf(store)).toStrictEqual({ token: 3, revision });
    });

    test('that is given back is told to those who wait, and nobody else', async () => {
      const store = await openLeases(open);
      const told = new Promise<void>((resolve) =>
        store.internals.leases.released$.subscribe(() => resolve()),
      );
      await grant(store, { owner: 'me', token: 1 });

      await grant(store, { token: 1 });

      await told;
      const late = note(store.internals.leases.released$);
      expect([late.values, late.isComplete]).toEqual([[], false]);
      late.subscription.unsubscribe();
    });

    test('belongs to its watcher alone, and is no checkpoint', async () => {
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
        'everything wrong',
        [' ', { owner: '', token: 0 }, -1],
        ['lease.owner', 'lease.token', 'revision', 'watcherId'],
      ],
      ['a token that is none', ['w', { owner: 'me', token: 1.5 }, 0], ['lease.token']],
      ['none', ['w', undefined, 0], ['lease']],
      ['no revision', ['w', { owner: 'me', token: 1 }, undefined], ['revision']],
    ])('with %s is refused with every fault, and not written', async (_what, args, paths) => {
      const store = await openLeases(open);

      const failure = await failureOf(
        store.internals.leases.store(...(args as Parameters<typeof store.internals.leases.store>)),
      );

      expect(failure).toBeInstanceOf(InvalidOptionsError);
      expect([...new Set(faultPaths(failure))].sort()).toEqual(paths);
      expect(await leaseOf(store)).toBeUndefined();
      expect(await failureOf(leaseOf(store, ''))).toBeInstanceOf(InvalidOptionsError);
    });

    test('of a closed store is neither told nor written', async () => {
      const store = await openLeases(open);
      const closed = store.close();

      for (const _ of ['while it closes', 'later']) {
        expect(await failureOf(leaseOf(store))).toBeInstanceOf(StoreClosedError);
        for (const lease of [{ owner: 'me', token: 1 }, { token: 1 }]) {
          expect(await failureOf(store.internals.leases.store('w', lease, 0))).toBeInstanceOf(
            StoreClosedError,
          );
        }
        await closed;
      }
    });

    if (!supports.reopen) return;
    test('is there when the store is opened again', async () => {
      const before = await openLeases(open);
      const revision = await before.internals.leases.store('w', { owner: 'me', token: 4 }, 0);
      await before.close();

      expect(await leaseOf(await open())).toEqual({ owner: 'me', token: 4, revision });
    });
  });
