import { createManager, InvalidOptionsError } from '../../../../index.ts';
import { failureOf, faultPaths } from '../../support/fault-paths.ts';
import type { StoreSuite } from '../../support/suite.ts';

/** An engine that keeps no leases: it says so. */
export const describeRefusingLeases = ({ describe, expect, test, open }: StoreSuite) =>
  describe('an engine that keeps no leases', () => {
    test('has no leases among its internals', async () => {
      const store = await open();

      expect(store.internals.leases).toBeUndefined();
    });

    test('refuses a manager that is to share by leases', async () => {
      const store = await open();

      const error = await failureOf((async () => createManager(store, { lease: true }))());

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(faultPaths(error)).toEqual(['lease']);
    });

    test('refuses a fencing token', async () => {
      const store = await open();

      const error = await failureOf(store.storeCheckpoint('w', 1, 1));

      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect(faultPaths(error)).toEqual(['fence']);
    });
  });
