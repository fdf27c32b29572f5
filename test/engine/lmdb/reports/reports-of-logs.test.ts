import { createManager } from 'rx-watcher';
import { openLmdbEnv, openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { eachDirectory } from '../../../support/each-directory.ts';

const directory = eachDirectory();

test('two logs of one LMDB environment have separate manager reports', async () => {
  const env = openLmdbEnv({ path: directory.file('app.lmdb'), maxDbs: 20 });
  const scheduler = new VirtualClock();
  const names = ['a', 'ab'];
  const stores = names.map((name) =>
    openLmdbStore({
      env,
      scheduler,
      gcAgeThreshold: 0,
      eventsBucket: name,
      checkpointBucket: `${name} done`,
    }),
  );
  for (const [index, store] of stores.entries()) {
    createManager(store, { reportInterval: 1000 }).create(`w${index}`, { handler: () => undefined });
  }
  scheduler.advanceBy(0);

  for (const [index, store] of stores.entries()) {
    await store.deleteCheckpoint('other'); // after the write of the report
    expect(await firstValueFrom(store.watchers())).toMatchObject([{ id: `w${index}`, state: 'idle' }]);
  }
  for (const store of stores) await store.close();
  await env.close();
});
