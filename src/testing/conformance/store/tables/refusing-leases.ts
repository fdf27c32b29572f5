import { createManager, InvalidOptionsError } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeMissingLeases = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store without leases', () => {
    test('a store without leases has no lease table among its internal members', async () => {
      const store = await open();

      expect(store.internals.leases).toBeUndefined();
    });

    test('a store without leases rejects a manager with the option lease', async () => {
      const store = await open();

      const error = await failureOf((async () => createManager(store, { lease: true }))());

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(faultPaths(error)).toEqual(['lease']);
    });

    test('a store without leases rejects a write with a fencing token', async () => {
      const store = await open();

      const error = await failureOf(store.storeCheckpoint('w', 1, 1));

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(faultPaths(error)).toEqual(['fence']);
    });
  });
