import fc from 'fast-check';
import { openLmdbStore } from 'rx-watcher/lmdb';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { VirtualClock } from '../../../../src/testing/conformance/support/virtual-clock.ts';
import { type Application, application } from '../../../support/lmdb/application.ts';

let app: Application;

beforeEach(async () => {
  app = await application();
});
afterEach(() => app.remove());

test('a checkpoint is stored under the key that lmdb-js derives from the watcher id, even if the id is long', async () => {
  const table = app.env.openDB<number, string>({ name: 'checkpoints', encoding: 'json' });
  const readable = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 200, size: 'max' })
    .filter((id) => id.trim() !== '' && !/\p{Cc}/u.test(id));

  await fc.assert(
    fc.asyncProperty(readable, async (id) => {
      await table.put(id, id.length);
      expect(await firstValueFrom(app.store.getCheckpoint(id))).toBe(id.length);

      await app.store.storeCheckpoint(id, 7);
      expect(table.get(id)).toBe(7);
    }),
  );
});

test.each([`${'x'.repeat(70)}\0x`, `${'x'.repeat(70)}\0\u0010`, '\u0001'.repeat(64), '\ud800'.repeat(64)])(
  'garbage collection respects the checkpoint of a watcher with the id %j, even if lmdb-js decodes the key of the checkpoint to another id',
  async (id) => {
    const time = new VirtualClock();
    const store = openLmdbStore({ env: app.env, scheduler: time, gcAgeThreshold: 1000 });
    await store.storeEvents([created(1), created(2), created(3)]);
    await store.storeCheckpoint(id, 2);
    time.set(5000);

    expect(await store.collectGarbage()).toEqual({ deleted: 2, oldestSeqNum: 3 });
    expect(await firstValueFrom(store.checkpoints())).toEqual(new Map([[id, 2]]));
    await store.close();
  },
);
