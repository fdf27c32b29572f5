import { firstValueFrom } from 'rxjs';
import { createManager } from '../../../../index.ts';
import { created, span } from '../../support/requests.ts';
import type { StoreSuite } from '../../support/suite.ts';

export const describeMissingReports = ({ describe, expect, test, open }: StoreSuite) =>
  describe('a store without reports', () => {
    test('a store without reports emits from watchers() only watchers with a checkpoint, in the state unknown', async () => {
      const store = await open();
      expect(store.internals.reports).toBeUndefined();
      await store.storeEvents(span(1, 3).map(created));
      await store.storeCheckpoint('w', 1);
      const manager = createManager(store, { reportInterval: 1000 });
      manager.create('idle', { handler: () => undefined });

      const watchers = await firstValueFrom(store.watchers());
      await manager.stop();

      expect(watchers).toMatchObject([{ id: 'w', state: 'unknown', checkpoint: 1, lag: 2, stale: false }]);
    });
  });
